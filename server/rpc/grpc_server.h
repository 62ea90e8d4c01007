// The gRPC ports: our services, health, reflection.
//
// Made, told and shut down by the daemon's main thread.
#pragma once

#include <grpcpp/server.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "server/base/listen_address.h"
#include "server/rpc/admin_service.h"
#include "server/rpc/synthesizer_service.h"
#include "server/rpc/training_service.h"
#include "server/security/tls_files.h"

namespace m2tts {

struct GrpcServerOptions {
  std::vector<ListenAddress> addresses;
  std::string unix_access = "owner";  // owner, group, everyone
  std::shared_ptr<TlsFiles> tls;      // of the TCP ports; nullptr: no TLS
  bool reflection = false;
};

class GrpcServer {
 public:
  // Binds and serves at once; health says NOT_SERVING until SetServing. ALREADY_EXISTS when
  // an address is taken. `context` must outlive the server.
  static StatusOr<std::unique_ptr<GrpcServer>> Start(const GrpcServerOptions& options,
                                                     const ServerContext* context);

  void SetServing(bool serving);
  // Refuses new calls, waits until `deadline` for those that run, then cancels them.
  void Shutdown(std::chrono::system_clock::time_point deadline);

  // With the ports that were really taken.
  const std::vector<ListenAddress>& addresses() const { return addresses_; }

 private:
  explicit GrpcServer(const ServerContext* context)
      : runs_jobs_(context->jobs != nullptr), synthesizer_(context), training_(context), admin_(context) {}

  const bool runs_jobs_;

  SynthesizerService synthesizer_;
  TrainingService training_;
  AdminService admin_;
  std::vector<ListenAddress> addresses_;
  // gRPC asks them for certificates as long as the server lives, and does not keep them.
  std::vector<std::shared_ptr<grpc::ServerCredentials>> credentials_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace m2tts
