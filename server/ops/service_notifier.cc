#include "server/ops/service_notifier.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace m2tts {
namespace {

std::string Take(const char* variable) {
  const char* const value = std::getenv(variable);
  std::string text = value == nullptr ? "" : value;
  unsetenv(variable);
  return text;
}

std::optional<int64_t> ToNumber(const std::string& text) {
  int64_t value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || rest != text.data() + text.size() || value <= 0) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

ServiceNotifier ServiceNotifier::FromEnvironment() {
  std::string socket = Take("NOTIFY_SOCKET");
  const std::optional<int64_t> microseconds = ToNumber(Take("WATCHDOG_USEC"));
  const std::string pid = Take("WATCHDOG_PID");
  if (!microseconds.has_value() || (!pid.empty() && ToNumber(pid) != getpid())) {
    return ServiceNotifier(std::move(socket));
  }
  return ServiceNotifier(std::move(socket), std::chrono::milliseconds(*microseconds / 1000));
}

ServiceNotifier::ServiceNotifier(std::string socket, std::optional<std::chrono::milliseconds> watchdog)
    : socket_(std::move(socket)) {
  if (socket_.empty() || !watchdog.has_value()) return;
  alive_every_ = std::max(*watchdog / 2, std::chrono::milliseconds(1));
}

void ServiceNotifier::Ready(const std::string& status) const {
  Send("READY=1\nSTATUS=" + status);
}

void ServiceNotifier::Reloading() const {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();  // CLOCK_MONOTONIC
  Send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}",
                   std::chrono::duration_cast<std::chrono::microseconds>(now).count()));
}

void ServiceNotifier::Stopping() const {
  Send("STOPPING=1\nSTATUS=draining");
}

void ServiceNotifier::Alive() const {
  Send("WATCHDOG=1");
}

void ServiceNotifier::Send(const std::string& message) const {
  if (socket_.empty()) return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_.size() >= sizeof(address.sun_path)) return;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  if (socket_[0] == '@') address.sun_path[0] = '\0';
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  const bool sent = fd >= 0 && sendto(fd, message.data(), message.size(), MSG_DONTWAIT,
                                      reinterpret_cast<const sockaddr*>(&address), length) >= 0;
  if (!sent) spdlog::warn("cannot notify {}: {}", socket_, std::strerror(errno));
  if (fd >= 0) close(fd);
}

}  // namespace m2tts
