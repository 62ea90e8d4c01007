// Words that a user lexicon knows are said as they stand, before any other rule sees them: "SQL"
// with an entry is no longer spelled.
#include "core/text/char_class.h"
#include "core/text/rules.h"

namespace m2tts {

size_t UserWordRule(const RuleInput& in, size_t i, SpokenList* out) {
  if (in.user == nullptr || in.user->empty()) return 0;
  const TokenKind kind = in.At(i).kind;
  if (kind != TokenKind::kWord && kind != TokenKind::kNumber && kind != TokenKind::kWeb) return 0;
  const std::string lower = ToLower(in.At(i).text);
  for (const auto& lexicon : *in.user) {
    if (!lexicon->Contains(lower)) continue;
    out->Word(lower);
    return 1;
  }
  return 0;
}

}  // namespace m2tts
