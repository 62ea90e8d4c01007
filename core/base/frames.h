// Messages on a stream socket: each is preceded by its length, 4 bytes, little-endian.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/status.h"

namespace m2tts {

inline constexpr size_t kMaxFrameBytes = size_t{1} << 20;

// The length and the message. At most kMaxFrameBytes.
std::string Framed(std::string_view message);

// Puts messages together from the pieces in which bytes arrive. One thread at a time.
class FrameReader {
 public:
  void Append(std::string_view bytes) { buffer_.append(bytes); }

  // The next whole message, or nullopt until more bytes come. DATA_LOSS for a length beyond the
  // limit; nothing sensible comes after that.
  StatusOr<std::optional<std::string>> Next();

 private:
  std::string buffer_;
};

// Sends all of it on a socket; UNAVAILABLE when the other end is gone. Raises no SIGPIPE.
Status SendAll(int socket, std::string_view bytes);
// The same without waiting: RESOURCE_EXHAUSTED when the other end has not read what was sent before.
Status SendNow(int socket, std::string_view bytes);

}  // namespace m2tts
