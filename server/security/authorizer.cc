#include "server/security/authorizer.h"

#include <vector>

#include "server/security/request_id.h"

namespace m2tts {
namespace {

constexpr std::string_view kScheme = "bearer ";

// The value of a key that must be given once; "" when it is absent or given several times.
std::string_view Single(const std::multimap<grpc::string_ref, grpc::string_ref>& metadata, const char* key) {
  const auto [first, last] = metadata.equal_range(key);
  if (first == last || std::next(first) != last) return {};
  return {first->second.data(), first->second.size()};
}

// The token of "Bearer TOKEN"; the scheme's case does not matter (RFC 9110). "" for another scheme.
std::string_view BearerToken(std::string_view authorization) {
  if (authorization.size() < kScheme.size()) return {};
  for (size_t i = 0; i < kScheme.size(); ++i) {
    const char c = authorization[i];
    if ((c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c) != kScheme[i]) return {};
  }
  const std::string_view rest = authorization.substr(kScheme.size());
  const size_t begin = rest.find_first_not_of(' ');
  return begin == std::string_view::npos ? std::string_view() : rest.substr(begin);
}

// The common name of the client's verified certificate; "" without one, or when it does not fit a log.
std::string CertificateName(const grpc::ServerContextBase& call) {
  const auto context = call.auth_context();
  if (context == nullptr || !context->IsPeerAuthenticated()) return {};
  const std::vector<grpc::string_ref> names = context->FindPropertyValues("x509_common_name");
  if (names.empty()) return {};
  const std::string name(names.front().data(), names.front().size());
  return IsValidRequestId(name) ? name : "";
}

}  // namespace

std::string ClientOfPeer(const std::string& peer) {
  if (peer.compare(0, 5, "unix:") == 0 || peer.compare(0, 14, "unix-abstract:") == 0) return "unix";
  const size_t kind = peer.find(':');
  if (kind == std::string::npos) return "unknown";
  std::string address = peer.substr(kind + 1);
  address = address.substr(0, address.rfind(':'));
  // gRPC quotes brackets as in a URI.
  if (address.compare(0, 3, "%5B") == 0 || address.compare(0, 1, "[") == 0) {
    address = address.substr(address[0] == '[' ? 1 : 3);
    address = address.substr(0, std::min(address.find("%5D"), address.find(']')));
  }
  return address.empty() ? "unknown" : address;
}

bool Authorizer::HasTokens(const TokenFile& tokens) const {
  const std::shared_ptr<const TokenFile> now = tokens_.Get();
  return now != nullptr && *now == tokens;
}

Status Authorizer::Authorize(const grpc::ServerContextBase& call, Role role, Caller* caller) const {
  const auto& metadata = call.client_metadata();
  caller->request_id = RequestIdOrNew(Single(metadata, kRequestIdKey));
  std::string client = CertificateName(call);
  if (client.empty()) client = ClientOfPeer(call.peer());
  return Authorize(Single(metadata, "authorization"), client, role, caller);
}

Status Authorizer::Authorize(std::string_view authorization, const std::string& client, Role role,
                             Caller* caller) const {
  caller->name = client;
  caller->roles = {};
  const std::shared_ptr<const TokenFile> tokens = tokens_.Get();
  if (tokens == nullptr) {
    caller->roles = Roles::All();
    return OkStatus();
  }
  const std::string_view token = BearerToken(authorization);
  if (token.empty()) {
    return Errorf(StatusCode::kUnauthenticated,
                  "this server asks for a token: metadata 'authorization: Bearer TOKEN', once");
  }
  const TokenFile::Entry* const entry = tokens->Find(token);
  if (entry == nullptr) return Errorf(StatusCode::kUnauthenticated, "the token is not known here");
  caller->name = entry->name;
  caller->roles = entry->roles;
  if (caller->roles.Has(role)) return OkStatus();
  return Errorf(StatusCode::kPermissionDenied, "'{}' lacks the role '{}', which this call needs", entry->name,
                RoleName(role));
}

}  // namespace m2tts
