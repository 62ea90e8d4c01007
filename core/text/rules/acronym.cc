// Words in capitals: spelled ("FBI"), spoken ("NASA") or plain words that shout ("STOP"),
// with plurals and possessives ("CPUs", "FBI's"), and two joined by "&" ("AT&T", "R&D").
#include "core/text/char_class.h"
#include "core/text/rules.h"
#include "core/text/rules/spelling.h"

namespace m2tts {
namespace {

bool IsShortUpper(const RuleInput& in, size_t i) {
  return in.Is(i, TokenKind::kWord) && in.At(i).text.size() <= 3 && AllUpper(in.At(i).text);
}

std::string_view WithoutSuffix(std::string_view text, bool* suffix) {
  *suffix = true;
  if (text.size() > 2 && text.substr(text.size() - 2) == "'s") return text.substr(0, text.size() - 2);
  if (text.size() > 1 && text.back() == 's') return text.substr(0, text.size() - 1);
  *suffix = false;
  return text;
}

}  // namespace

size_t AcronymRule(const RuleInput& in, size_t i, SpokenList* out) {
  if (!in.IsCapitalized(i)) return 0;
  if (IsShortUpper(in, i) && in.IsMark(i + 1, '&') && in.Glued(i + 1) && in.Glued(i + 2)) {
    bool suffix = false;
    const std::string_view right = WithoutSuffix(in.At(i + 2).text, &suffix);
    if (in.Is(i + 2, TokenKind::kWord) && right.size() <= 3 && AllUpper(right)) {
      out->Letters(in.At(i).text);
      out->Word("and");
      SayLetters(right, suffix, out);
      return 3;
    }
  }
  bool suffix = false;
  const std::string_view stem = WithoutSuffix(in.At(i).text, &suffix);
  // "As" and "Is" are words.
  if (!AllUpper(stem) || stem.size() < 2) return 0;
  if (!IsSpelledOut(stem, in)) return 0;
  SayLetters(stem, suffix, out);
  return 1;
}

}  // namespace m2tts
