// Words and abbreviations around a stroke: "w/o", "n/a", "I/O", "and/or".
#include <array>

#include "core/text/char_class.h"
#include "core/text/rules.h"

namespace m2tts {
namespace {

struct Stroke {
  std::string_view left;  // lower case
  std::string_view right;
  const char* words;
};

constexpr std::array kStrokes = {
    Stroke{"w", "o", "without"},        Stroke{"b", "c", "because"},    Stroke{"c", "o", "care of"},
    Stroke{"n", "a", "not applicable"}, Stroke{"s", "he", "she or he"}, Stroke{"b", "w", "between"},
    Stroke{"y", "o", "year old"},       Stroke{"p", "t", "part time"},  Stroke{"f", "t", "full time"},
};

bool IsSmall(const RuleInput& in, size_t i, size_t limit) {
  return in.Is(i, TokenKind::kWord) && in.At(i).text.size() <= limit;
}

}  // namespace

size_t SlashRule(const RuleInput& in, size_t i, SpokenList* out) {
  if (!IsSmall(in, i, 2) || !in.IsMark(i + 1, '/') || !in.Glued(i + 1)) return 0;
  const std::string_view left = in.At(i).text;
  if (IsSmall(in, i + 2, 2) && in.Glued(i + 2)) {
    for (const Stroke& stroke : kStrokes) {
      if (EqualsIgnoreCase(left, stroke.left) && EqualsIgnoreCase(in.At(i + 2).text, stroke.right)) {
        out->Words(stroke.words);
        return 3;
      }
    }
    // "I/O", "A/B", "a/c": letters.
    if (left.size() == 1 && in.At(i + 2).text.size() == 1) {
      out->Letters(left);
      out->Letters(in.At(i + 2).text);
      return 3;
    }
  }
  // "w/ fries"
  if (EqualsIgnoreCase(left, "w")) {
    out->Word("with");
    return 2;
  }
  return 0;
}

}  // namespace m2tts
