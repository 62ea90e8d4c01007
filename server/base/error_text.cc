#include "server/base/error_text.h"

#include "core/text/fold.h"

namespace m2tts {

std::string ErrorText(std::string text, size_t max_bytes) {
  constexpr char kMore[] = "...";
  if (text.size() > max_bytes) {
    text.resize(max_bytes - (sizeof(kMore) - 1));
    text += kMore;
  }
  for (size_t bad = FindInvalidUtf8(text); bad != std::string::npos; bad = FindInvalidUtf8(text)) {
    text[bad] = '?';
  }
  return text;
}

}  // namespace m2tts
