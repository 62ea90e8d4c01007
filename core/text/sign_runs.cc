#include "core/text/sign_runs.h"

#include <algorithm>

#include "core/text/char_class.h"

namespace m2tts {
namespace {

constexpr size_t kMaxShaft = 3;        // of an arrow
constexpr size_t kMaxBracket = 256;    // bytes between angle brackets, e.g. of an address
constexpr size_t kMaxBracketGaps = 3;  // blanks there

char CharAt(std::string_view text, size_t i) {
  return i < text.size() ? text[i] : ' ';
}

size_t RunEnd(std::string_view text, size_t at, char c) {
  while (at < text.size() && text[at] == c) ++at;
  return at;
}

}  // namespace

size_t ArrowLength(std::string_view text, size_t at) {
  const bool left = text[at] == '<';
  const char shaft = left ? '-' : text[at];
  if (shaft != '-' && shaft != '=') return 0;
  const size_t begin = left ? at + 1 : at;
  const size_t end = RunEnd(text, begin, shaft);
  if (end == begin || end - begin > kMaxShaft) return 0;
  const char head = CharAt(text, end);
  if (head == '>') return CharAt(text, end + 1) == '>' || CharAt(text, end + 1) == '=' ? 0 : end + 1 - at;
  // "x <-5" is a minus.
  return left && !IsDigitChar(head) && head != '.' ? end - at : 0;
}

bool IsComparison(std::string_view text, size_t at, size_t length) {
  if (length < 2 || length > 3) return false;
  size_t before = at;
  while (before > 0 && text[before - 1] == ' ') --before;
  const char left = before > 0 ? text[before - 1] : ' ';
  const bool negated = left == '!' && before == at;
  if (!negated && !IsAlnumChar(left) && left != ')' && left != ']' && left != '"' && left != '\'')
    return false;
  size_t after = at + length;
  while (after < text.size() && text[after] == ' ') ++after;
  const char right = CharAt(text, after);
  if (!IsAlnumChar(right) && right != '(' && right != '-' && right != '"' && right != '\'') return false;
  // "== History == The city": the end of a heading.
  return text.substr(0, 2) != "==";
}

size_t AngleBracketEnd(std::string_view text, size_t at) {
  const char first = CharAt(text, at + 1);
  const bool glued = at > 0 && !IsSpaceChar(text[at - 1]) && text[at - 1] != '>' && text[at - 1] != '(';
  if (!(first == '/' && IsAlphaChar(CharAt(text, at + 2))) && (glued || !IsAlphaChar(first)))
    return std::string_view::npos;
  const std::string_view inside = text.substr(at + 1, kMaxBracket);
  const size_t end = inside.find_first_of("<>");
  if (end == std::string_view::npos || inside[end] == '<' || IsSpaceChar(inside[end - 1]))
    return std::string_view::npos;
  const std::string_view name = inside.substr(0, end);
  const auto gaps = static_cast<size_t>(std::count(name.begin(), name.end(), ' '));
  return gaps > kMaxBracketGaps ? std::string_view::npos : at + 1 + end;
}

}  // namespace m2tts
