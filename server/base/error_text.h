// What an error may say to a client.
#pragma once

#include <cstddef>
#include <string>

namespace m2tts {

// Errors quote what the client sent, and travel in HTTP/2 trailers, of which gRPC takes 8 KiB by default:
// three times in each answer, once of them with up to three bytes for one.
inline constexpr size_t kMaxErrorBytes = 1024;

// `text`, cut to kMaxErrorBytes, with '?' in the place of bytes that are not UTF-8, of which protobuf
// would read nothing.
std::string ErrorText(std::string text);

}  // namespace m2tts
