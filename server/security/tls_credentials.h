// gRPC server credentials whose certificates can change while the port is open.
#pragma once

#include <grpcpp/security/server_credentials.h>

#include <memory>

#include "server/security/tls_files.h"

namespace m2tts {

// For one port: each new connection uses what `files` holds then. Clients need a certificate where
// `files` has a tls.client_ca.
std::shared_ptr<grpc::ServerCredentials> MakeTlsCredentials(std::shared_ptr<TlsFiles> files);

}  // namespace m2tts
