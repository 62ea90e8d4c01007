// How to reach m2ttsd: address, encryption, credentials.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "core/base/status.h"

namespace grpc {
class ClientContext;
}

namespace m2tts {

struct ClientOptions {
  // HOST:PORT, [IPV6]:PORT or unix:PATH.
  std::string address = "127.0.0.1:50551";
  // Deadline of each call, from its start; 0 waits for ever.
  double timeout_s = 0;
  // Sent with each call as a bearer token; empty: none.
  std::string token;
  struct Tls {
    bool on = false;
    // PEM. Without `ca` the server's certificate is checked against gRPC's roots; `cert` and `key` are
    // the client's own, for servers that ask for one.
    std::string ca;
    std::string cert;
    std::string key;
  } tls;
};

// Lazy: connects with the first call. Equal ones are shared by gRPC, unless their `number` differs.
std::shared_ptr<grpc::Channel> Connect(const ClientOptions& options, int number = 0);

// Sets deadline and token of one call.
void PrepareCall(const ClientOptions& options, grpc::ClientContext* context);

// Where the command line finds secrets and certificates; empty: not given.
struct CredentialFiles {
  std::string token;  // first line: the token
  std::string tls_ca;
  std::string tls_cert;
  std::string tls_key;
};

// Reads them into `*options`. A file that cannot be read, or holds no token, is NOT_FOUND or
// INVALID_ARGUMENT; no message quotes a token.
Status LoadCredentials(const CredentialFiles& files, ClientOptions* options);

// [!-~]+: what may stand in a header. INVALID_ARGUMENT says where it came from.
Status CheckToken(const std::string& token, const std::string& source);

// Whether a token would travel unencrypted to another machine.
bool SendsTokenInTheClear(const ClientOptions& options);

}  // namespace m2tts
