// Abbreviations written with a full stop: "Mr.", "St.", "e.g.", "U.S.", "p.m.", "J. R. Smith".
#include "core/text/abbreviation.h"
#include "core/text/char_class.h"
#include "core/text/rules.h"

namespace m2tts {
namespace {

bool IsCapitalized(const RuleInput& in, size_t i) {
  return in.Is(i, TokenKind::kWord) && IsUpperChar(in.At(i).text[0]);
}

}  // namespace

size_t AbbreviationRule(const RuleInput& in, size_t i, SpokenList* out) {
  if (!in.Is(i, TokenKind::kWord)) return 0;
  std::string_view text = in.At(i).text;
  if (text == "Mr" || text == "Mrs" || text == "Dr" || text == "Ms") {
    // Also without the full stop, as the British write them.
    out->Words(FindAbbreviation(text)->spoken);
    return 1;
  }
  if (EqualsIgnoreCase(text, "vs") || EqualsIgnoreCase(text, "etc")) {
    out->Words(FindAbbreviation(text)->spoken);
    return 1;
  }
  bool possessive = false;
  if (text.size() > 4 && text.substr(text.size() - 2) == "'s") {
    text.remove_suffix(2);
    possessive = true;
  }
  if (text.back() == '.') text.remove_suffix(1);
  if (text.size() == in.At(i).text.size()) {
    if (text.find('.') == std::string_view::npos || !IsDottedLetters(text)) return 0;
  }
  if (EqualsIgnoreCase(text, "e.g")) {
    out->Words("for example");
    return 1;
  }
  if (EqualsIgnoreCase(text, "i.e")) {
    out->Words("that is");
    return 1;
  }
  if (IsDottedLetters(text)) {
    out->Letters(text);
    if (possessive) out->items.back().text += "'s";
    return 1;
  }
  const Abbreviation* const found = FindAbbreviation(text);
  if (found == nullptr) return 0;
  const bool named_before = i > 0 && IsCapitalized(in, i - 1);
  const bool named_after = IsCapitalized(in, i + 1);
  if (found->written == "st" && named_before && !named_after) {
    out->Word("street");
  } else if (found->written == "dr" && named_before && !named_after) {
    out->Word("drive");
  } else {
    out->Words(found->spoken);
  }
  return 1;
}

}  // namespace m2tts
