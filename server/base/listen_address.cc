#include "server/base/listen_address.h"

#include <arpa/inet.h>
#include <sys/un.h>

#include <algorithm>
#include <charconv>

namespace m2tts {
namespace {

constexpr char kUnix[] = "unix:";
constexpr size_t kMaxUnixPath = sizeof(sockaddr_un{}.sun_path) - 1;
constexpr size_t kMaxAddresses = 8;

StatusOr<ListenAddress> ParseUnix(const std::string& text) {
  ListenAddress address;
  address.path = text.substr(sizeof(kUnix) - 1);
  if (address.path.empty() || address.path[0] != '/') {
    return InvalidArgument("'{}': a Unix socket needs an absolute path, as in unix:/run/m2tts/m2ttsd.sock",
                           text);
  }
  if (address.path.size() > kMaxUnixPath) {
    return InvalidArgument("'{}': the path of a Unix socket has at most {} bytes", text, kMaxUnixPath);
  }
  return address;
}

}  // namespace

bool ListenAddress::IsLoopback() const {
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  return host == "::1" || host == "localhost";
}

std::string ListenAddress::ToString() const {
  if (IsUnix()) return "unix:" + path;
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                             : fmt::format("[{}]:{}", host, port);
}

StatusOr<ListenAddress> ParseListenAddress(const std::string& text) {
  const auto bad = [&text](const char* why) {
    return InvalidArgument("'{}' is not HOST:PORT: {} (examples: 127.0.0.1:50551, [::1]:0)", text, why);
  };
  if (text.compare(0, sizeof(kUnix) - 1, kUnix) == 0) return ParseUnix(text);
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

StatusOr<std::vector<ListenAddress>> ParseListenAddresses(const std::string& text) {
  std::vector<ListenAddress> addresses;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    M2TTS_ASSIGN_OR_RETURN(ListenAddress address, ParseListenAddress(text.substr(begin, end - begin)));
    addresses.push_back(std::move(address));
    begin = end + 1;
  }
  if (addresses.size() > kMaxAddresses) {
    return InvalidArgument("{} addresses; at most {}", addresses.size(), kMaxAddresses);
  }
  return addresses;
}

Status CheckReachable(const ListenAddress& address, bool allowed, const std::string& what,
                      const std::string& remedy) {
  if (address.IsLocal() || allowed) return OkStatus();
  return InvalidArgument("{}: {} can be reached from other machines; {}", what, address.ToString(), remedy);
}

}  // namespace m2tts
