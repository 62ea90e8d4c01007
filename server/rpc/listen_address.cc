#include "server/rpc/listen_address.h"

#include <arpa/inet.h>

#include <charconv>

namespace m2tts {

bool ListenAddress::IsLoopback() const {
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  return host == "::1" || host == "localhost";
}

std::string ListenAddress::ToString() const {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                             : fmt::format("[{}]:{}", host, port);
}

StatusOr<ListenAddress> ParseListenAddress(const std::string& text) {
  const auto bad = [&text](const char* why) {
    return InvalidArgument("'{}' is not HOST:PORT: {} (examples: 127.0.0.1:50551, [::1]:0)", text, why);
  };
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos) return bad("no ':PORT'");
  ListenAddress address;
  address.host = text.substr(0, colon);
  if (address.host.size() >= 2 && address.host.front() == '[' && address.host.back() == ']') {
    address.host = address.host.substr(1, address.host.size() - 2);
  } else if (address.host.find(':') != std::string::npos) {
    return bad("an IPv6 host needs brackets");
  }
  if (address.host.empty()) return bad("no host");
  const char* begin = text.data() + colon + 1;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(begin, end, address.port);
  if (begin == end || error != std::errc() || rest != end || address.port < 0 || address.port > 65535) {
    return bad("the port must be a number from 0 to 65535");
  }
  return address;
}

Status CheckReachable(const ListenAddress& address, bool insecure_public, const std::string& what) {
  if (address.IsLoopback() || insecure_public) return OkStatus();
  return InvalidArgument(
      "{}: {} can be reached from other machines, and the connection is neither encrypted nor authenticated; "
      "listen on 127.0.0.1, or set 'insecure_public: true' if the network is trusted",
      what, address.ToString());
}

}  // namespace m2tts
