// Who may call what: the one place where roles are checked.
//
// Every method of our services begins with a CallScope (server/rpc/call_tracker.h), which asks
// here. Without tokens everybody who reaches the port may do everything; the daemon refuses such
// a port to other machines (listen_address.h). The standard health and reflection services ask nothing.
//
// Any thread may call.
#pragma once

#include <grpcpp/server_context.h>

#include <memory>
#include <string>
#include <string_view>

#include "core/base/status.h"
#include "server/base/snapshot.h"
#include "server/security/caller.h"
#include "server/security/token_file.h"

namespace m2tts {

class Authorizer {
 public:
  // `tokens` may be nullptr: none are asked for.
  explicit Authorizer(std::shared_ptr<const TokenFile> tokens = nullptr) : tokens_(std::move(tokens)) {}

  // Calls that run keep what they were allowed.
  void SetTokens(std::shared_ptr<const TokenFile> tokens) { tokens_.Set(std::move(tokens)); }

  // Whether exactly these are in force.
  bool HasTokens(const TokenFile& tokens) const;

  // Checks the token of a call in `authorization: Bearer TOKEN`. UNAUTHENTICATED when there is none
  // or an unknown one, PERMISSION_DENIED when its roles lack `role`. Fills in `*caller` either way.
  Status Authorize(const grpc::ServerContextBase& call, Role role, Caller* caller) const;
  // The same from the parts: the header's value, "" when absent, and who it is without a token.
  Status Authorize(std::string_view authorization, const std::string& client, Role role,
                   Caller* caller) const;

 private:
  Snapshot<TokenFile> tokens_;
};

// gRPC's name of a peer without what differs per connection: "ipv4:192.0.2.7:50312" -> "192.0.2.7",
// "ipv6:%5B::1%5D:50312" -> "::1", "unix:..." -> "unix".
std::string ClientOfPeer(const std::string& peer);

}  // namespace m2tts
