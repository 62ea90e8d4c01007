#include "client/bench/metric_page.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <sstream>

namespace m2tts {
namespace {

constexpr size_t kMaxPageBytes = size_t{4} << 20;
#ifdef MSG_NOSIGNAL
constexpr int kSendFlags = MSG_NOSIGNAL;
#else
constexpr int kSendFlags = 0;
#endif

struct SocketCloser {
  int fd;
  ~SocketCloser() {
    if (fd >= 0) close(fd);
  }
};

Status SocketError(const std::string& address, int error) {
  const bool late = error == EAGAIN || error == EWOULDBLOCK || error == EINPROGRESS;
  return Errorf(late ? StatusCode::kDeadlineExceeded : StatusCode::kUnavailable, "metrics of {}: {}", address,
                late ? "no answer in time" : std::strerror(error));
}

StatusOr<int> ConnectTo(const std::string& address, double timeout_s) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) return InvalidArgument("metrics: '{}' is not HOST:PORT", address);
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), address.c_str() + colon + 1, &hints, &found);
  if (error != 0) return Errorf(StatusCode::kUnavailable, "metrics of {}: {}", address, gai_strerror(error));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, &freeaddrinfo);
  timeval limit = {};
  limit.tv_sec = static_cast<time_t>(timeout_s);
  limit.tv_usec = static_cast<suseconds_t>((timeout_s - std::floor(timeout_s)) * 1e6);
  int why = 0;
  for (const addrinfo* one = addresses.get(); one != nullptr; one = one->ai_next) {
    const int fd = socket(one->ai_family, one->ai_socktype, one->ai_protocol);
    if (fd < 0) continue;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    if (connect(fd, one->ai_addr, one->ai_addrlen) == 0) return fd;
    why = errno;
    close(fd);
  }
  return SocketError(address, why);
}

}  // namespace

StatusOr<std::string> FetchMetrics(const std::string& address, double timeout_s) {
  M2TTS_ASSIGN_OR_RETURN(const int fd, ConnectTo(address, timeout_s));
  const SocketCloser closer{fd};
  // HTTP/1.0: the answer ends with the connection.
  const std::string request = "GET /metrics HTTP/1.0\r\nHost: " + address + "\r\n\r\n";
  if (send(fd, request.data(), request.size(), kSendFlags) != static_cast<ssize_t>(request.size())) {
    return SocketError(address, errno);
  }
  std::string answer;
  char buffer[16384];
  ssize_t size = 0;
  while (answer.size() < kMaxPageBytes && (size = recv(fd, buffer, sizeof(buffer), 0)) > 0) {
    answer.append(buffer, static_cast<size_t>(size));
  }
  if (size < 0) return SocketError(address, errno);
  const size_t body = answer.find("\r\n\r\n");
  const size_t code = answer.find(' ');
  if (answer.rfind("HTTP/1.", 0) != 0 || body == std::string::npos || code == std::string::npos ||
      answer.compare(code, 5, " 200 ") != 0) {
    return DataLoss("metrics of {}: what answers there has no page of metrics", address);
  }
  return answer.substr(body + 4);
}

std::optional<MetricHistogram> MetricHistogram::Find(const std::string& page, const std::string& name) {
  const std::string begin = name + "_bucket{le=\"";
  MetricHistogram histogram;
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    if (line.compare(0, begin.size(), begin) != 0) continue;
    const size_t end = line.find("\"}", begin.size());
    if (end == std::string::npos) continue;
    const std::string bound = line.substr(begin.size(), end - begin.size());
    histogram.buckets_.emplace_back(bound == "+Inf" ? INFINITY : std::strtod(bound.c_str(), nullptr),
                                    std::strtod(line.c_str() + end + 2, nullptr));
  }
  if (histogram.buckets_.empty()) return std::nullopt;
  return histogram;
}

MetricHistogram MetricHistogram::Since(const MetricHistogram& before) const {
  MetricHistogram since = *this;
  for (size_t i = 0; i < since.buckets_.size() && i < before.buckets_.size(); ++i) {
    since.buckets_[i].second -= before.buckets_[i].second;
  }
  return since;
}

double MetricHistogram::Percentile(double percent) const {
  const double wanted = count() * std::clamp(percent, 0.0, 100.0) / 100.0;
  double lower = 0.0;
  double below = 0.0;  // values not above it
  for (const auto& [upper, seen] : buckets_) {
    if (seen >= wanted && seen > below) {
      return std::isinf(upper) ? lower : lower + (upper - lower) * (wanted - below) / (seen - below);
    }
    if (!std::isinf(upper)) lower = upper;
    below = seen;
  }
  return 0.0;
}

}  // namespace m2tts
