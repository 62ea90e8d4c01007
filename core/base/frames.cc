#include "core/base/frames.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace m2tts {
namespace {

constexpr size_t kLengthBytes = 4;

#ifdef MSG_NOSIGNAL
constexpr int kNoSignal = MSG_NOSIGNAL;
#else
constexpr int kNoSignal = 0;  // macOS: both ends ignore SIGPIPE
#endif

Status Send(int socket, std::string_view bytes, int flags) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), flags);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      return Errorf(StatusCode::kResourceExhausted, "the other end does not read");
    }
    if (sent < 0) return Errorf(StatusCode::kUnavailable, "cannot send: {}", std::strerror(errno));
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return OkStatus();
}

}  // namespace

std::string Framed(std::string_view message) {
  std::string framed;
  framed.reserve(kLengthBytes + message.size());
  for (size_t i = 0; i < kLengthBytes; ++i) framed.push_back(static_cast<char>(message.size() >> (8 * i)));
  framed.append(message);
  return framed;
}

StatusOr<std::optional<std::string>> FrameReader::Next() {
  if (buffer_.size() < kLengthBytes) return std::optional<std::string>();
  size_t length = 0;
  for (size_t i = 0; i < kLengthBytes; ++i) {
    length |= static_cast<size_t>(static_cast<unsigned char>(buffer_[i])) << (8 * i);
  }
  if (length > kMaxFrameBytes) {
    return DataLoss("a message of {} bytes, at most {} are allowed", length, kMaxFrameBytes);
  }
  if (buffer_.size() < kLengthBytes + length) return std::optional<std::string>();
  std::string message = buffer_.substr(kLengthBytes, length);
  buffer_.erase(0, kLengthBytes + length);
  return std::optional<std::string>(std::move(message));
}

Status SendAll(int socket, std::string_view bytes) {
  return Send(socket, bytes, kNoSignal);
}

Status SendNow(int socket, std::string_view bytes) {
  return Send(socket, bytes, kNoSignal | MSG_DONTWAIT);
}

}  // namespace m2tts
