// What an error may say to a client.
#pragma once

#include <cstddef>
#include <string>

namespace m2tts {

// Errors quote what the client sent, and travel in HTTP/2 trailers, of which gRPC takes 8 KiB by default:
// three times in each answer, once of them with up to three bytes for one. Of several fields the third of
// them, the violations, may take kMaxViolationBytes together.
inline constexpr size_t kMaxErrorBytes = 1024;
inline constexpr size_t kMaxViolationBytes = 2048;

// `text`, cut to `max_bytes` (at least 3), with '?' in the place of bytes that are not UTF-8, of which
// protobuf would read nothing.
std::string ErrorText(std::string text, size_t max_bytes = kMaxErrorBytes);

}  // namespace m2tts
