// Text of other programs, made fit for protobuf, logs and terminals.
#pragma once

#include <string>

namespace m2tts {

// Printable ASCII stays, every other byte becomes '?', and what is beyond `max_bytes` goes: protobuf
// refuses to write a string that is not UTF-8, and a terminal obeys control characters.
std::string Printable(std::string text, size_t max_bytes = 4096);

}  // namespace m2tts
