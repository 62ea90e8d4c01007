// ASCII character classes, independent of the C locale (isalpha and friends are not).
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace m2tts {

inline bool IsDigitChar(char c) {
  return c >= '0' && c <= '9';
}
inline bool IsUpperChar(char c) {
  return c >= 'A' && c <= 'Z';
}
inline bool IsLowerChar(char c) {
  return c >= 'a' && c <= 'z';
}
inline bool IsAlphaChar(char c) {
  return IsUpperChar(c) || IsLowerChar(c);
}
inline bool IsAlnumChar(char c) {
  return IsAlphaChar(c) || IsDigitChar(c);
}
inline bool IsSpaceChar(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
inline char ToLowerChar(char c) {
  return IsUpperChar(c) ? static_cast<char>(c - 'A' + 'a') : c;
}

inline std::string ToLower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = ToLowerChar(c);
  return out;
}
inline bool IsCompassPoint(char c) {
  return c == 'N' || c == 'S' || c == 'E' || c == 'W';
}
inline bool AllDigits(std::string_view s) {
  return !s.empty() && std::all_of(s.begin(), s.end(), IsDigitChar);
}
inline bool AllUpper(std::string_view s) {
  return !s.empty() && std::all_of(s.begin(), s.end(), IsUpperChar);
}
inline bool AllAlpha(std::string_view s) {
  return !s.empty() && std::all_of(s.begin(), s.end(), IsAlphaChar);
}
inline bool StartsWith(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}
// Without the blanks at both ends.
inline std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsSpaceChar(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpaceChar(text.back())) text.remove_suffix(1);
  return text;
}
inline bool EqualsIgnoreCase(std::string_view a, std::string_view lower) {
  return a.size() == lower.size() &&
         std::equal(a.begin(), a.end(), lower.begin(), [](char x, char y) { return ToLowerChar(x) == y; });
}

}  // namespace m2tts
