#include "server/base/printable.h"

namespace m2tts {

std::string Printable(std::string text, size_t max_bytes) {
  if (text.size() > max_bytes) text.resize(max_bytes);
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) c = '?';
  }
  return text;
}

}  // namespace m2tts
