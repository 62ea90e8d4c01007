// Any word that no other family has read: lower-cased, compounds taken apart at the hyphen.
#include "core/text/char_class.h"
#include "core/text/rules.h"

namespace m2tts {
namespace {

// No word is longer in earnest; a longer run of letters is read in pieces, so that the
// phonemes of one word stay bounded.
constexpr size_t kMaxWordLetters = 40;

void SayPiece(std::string_view piece, SpokenList* out) {
  while (!piece.empty()) {
    out->Word(ToLower(piece.substr(0, kMaxWordLetters)));
    piece.remove_prefix(std::min(piece.size(), kMaxWordLetters));
  }
}

// Single letters that are no words: "vitamin C", "Plan B"; "a" and "I" are words.
bool IsLetterName(std::string_view text) {
  return text.size() == 1 && text != "a" && text != "A" && text != "I" && text != "i" && text != "O";
}

}  // namespace

size_t WordRule(const RuleInput& in, size_t i, SpokenList* out) {
  if (!in.Is(i, TokenKind::kWord)) return 0;
  const std::string_view text = in.At(i).text;
  const std::string lower = ToLower(text);
  if (IsLetterName(text)) {
    out->Letter(text[0]);
    return 1;
  }
  if (text.find_first_of("-.") == std::string_view::npos || in.lexicon.Contains(lower)) {
    SayPiece(lower, out);
    return 1;
  }
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find_first_of("-.", begin), text.size());
    const std::string_view part = text.substr(begin, end - begin);
    if (IsLetterName(part) || (part.size() == 1 && end < text.size() && part != "a")) {
      out->Letter(part[0]);
    } else if (AllUpper(part) && part.size() > 1 && part.size() <= 4 && !in.all_caps &&
               !in.lexicon.Contains(ToLower(part))) {
      out->Letters(part);
    } else {
      SayPiece(part, out);
    }
    begin = end + 1;
  }
  return 1;
}

}  // namespace m2tts
