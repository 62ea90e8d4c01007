// UTF-8 (RFC 3629), as far as counting and cutting need it: texts here were checked when they came in.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace m2tts {

// Whether a character goes on with this byte, so that it must not be cut before it.
inline bool ContinuesCharacter(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

inline size_t CountCharacters(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !ContinuesCharacter(c); }));
}

// The last place at or before `cut` that is between two characters.
inline size_t CutBetweenCharacters(std::string_view text, size_t cut) {
  while (cut > 0 && cut < text.size() && ContinuesCharacter(text[cut])) --cut;
  return cut;
}

// The first place at or after `at` that is between two characters.
inline size_t EndOfCharacter(std::string_view text, size_t at) {
  while (at < text.size() && ContinuesCharacter(text[at])) ++at;
  return at;
}

}  // namespace m2tts
