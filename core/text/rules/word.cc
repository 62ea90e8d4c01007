// Any word that no other family has read: lower-cased, taken apart at hyphens and full stops.
#include <algorithm>

#include "core/text/char_class.h"
#include "core/text/rules.h"
#include "core/text/rules/spelling.h"

namespace m2tts {

size_t WordRule(const RuleInput& in, size_t i, SpokenList* out) {
  if (!in.Is(i, TokenKind::kWord)) return 0;
  const std::string_view text = in.At(i).text;
  const size_t mark = text.find_first_of("-.");
  if (mark == std::string_view::npos) {
    SayPart(text, in, out);
    return 1;
  }
  if (const std::string lower = ToLower(text); in.lexicon.Contains(lower)) {
    out->Word(lower);
    return 1;
  }
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find_first_of("-.", begin), text.size());
    const std::string_view part = text.substr(begin, end - begin);
    // "A-frame" and "I-beam" have letters; "a-bomb" at the end of a phrase does not.
    if (part.size() == 1 && end < text.size() && part != "a") {
      out->Letter(part[0]);
    } else {
      SayPart(part, in, out);
    }
    begin = end + 1;
  }
  return 1;
}

}  // namespace m2tts
