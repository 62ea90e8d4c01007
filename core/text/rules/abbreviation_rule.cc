// Abbreviations: "Mr.", "St.", "e.g.", "U.S.", "Ph.D.", and those read without their full
// stop ("Mr Smith", "Main St", "vs").
#include "core/text/abbreviation.h"
#include "core/text/char_class.h"
#include "core/text/rules.h"
#include "core/text/rules/spelling.h"

namespace m2tts {
namespace {

// "1st", "42nd": the name of a street.
bool IsOrdinal(const RuleInput& in, size_t i) {
  const std::string_view text = in.At(i).text;
  return in.Is(i, TokenKind::kNumber) && text.size() >= 3 && IsDigitChar(text[0]) &&
         IsLowerChar(text.back()) && IsLowerChar(text[text.size() - 2]);
}

bool NameBefore(const RuleInput& in, size_t i) {
  return i > 0 && (in.IsCapitalized(i - 1) || IsOrdinal(in, i - 1));
}

// "A St. Bernard", "In St. Louis": words that are capitalized at the start and name nothing.
bool NameOfStreetBefore(const RuleInput& in, size_t i) {
  return NameBefore(in, i) && !IsSentenceStarter(in.At(i - 1).text);
}

// "Marie", not "B" or "C2".
bool IsNameLike(std::string_view word) {
  return word.size() > 2 && IsLowerChar(word[1]);
}

const char* SpokenOf(const Abbreviation& found, const RuleInput& in, size_t i) {
  const bool after_name = NameOfStreetBefore(in, i) && !in.IsCapitalized(i + 1);
  if (found.written == "st" && after_name) return "street";
  if (found.written == "dr" && after_name) return "drive";
  if (found.written == "ft" && i > 0 && in.Is(i - 1, TokenKind::kNumber)) return "feet";
  // "Song ft. Drake"
  if (found.written == "ft" && IsLowerChar(in.At(i).text[0])) return "featuring";
  if (found.written == "est" && in.Is(i + 1, TokenKind::kWord)) return "estimated";
  if (found.written == "ste" && in.IsCapitalized(i + 1) && IsNameLike(in.At(i + 1).text)) return "saint";
  return found.spoken.data();
}

// Without its full stop an abbreviation needs its usual company.
bool BareMakesSense(const Abbreviation& found, const RuleInput& in, size_t i) {
  if (!found.bare) return false;
  if (found.written == "vs" || found.written == "etc") return true;
  if (!IsUpperChar(in.At(i).text[0])) return false;
  switch (found.kind) {
    case Abbreviation::Kind::kTitle:
      return in.IsCapitalized(i + 1) ||
             ((found.written == "st" || found.written == "dr") && NameOfStreetBefore(in, i));
    case Abbreviation::Kind::kBeforeNumber:
      return in.Is(i + 1, TokenKind::kNumber);
    case Abbreviation::Kind::kStreet:
      return NameBefore(in, i);
    default:
      return !AllUpper(in.At(i).text);
  }
}

}  // namespace

size_t AbbreviationRule(const RuleInput& in, size_t i, SpokenList* out) {
  if (!in.Is(i, TokenKind::kWord)) return 0;
  std::string_view text = in.At(i).text;
  if (text.size() > 16) return 0;
  bool possessive = false;
  if (text.size() > 4 && text.substr(text.size() - 2) == "'s") {
    text.remove_suffix(2);
    possessive = true;
  }
  const bool stop = text.back() == '.';
  if (stop) text.remove_suffix(1);
  const bool inner_stop = text.find('.') != std::string_view::npos;
  if (inner_stop) {
    if (EqualsIgnoreCase(text, "e.g")) {
      out->Words("for example");
    } else if (EqualsIgnoreCase(text, "i.e")) {
      out->Words("that is");
    } else if (text.size() > 4 && text.substr(text.size() - 2) == ".s" &&
               IsDottedDegree(text.substr(0, text.size() - 2))) {
      SayLetters(text.substr(0, text.size() - 2), true, out);  // "Ph.D.s"
    } else if (IsDottedLetters(text) || IsDottedDegree(text)) {
      const bool plural = text.back() == 's';
      SayLetters(plural ? text.substr(0, text.size() - 1) : text, possessive || plural, out);
    } else {
      return 0;
    }
    return 1;
  }
  if (!stop && (text.size() > 5 || possessive)) return 0;
  const Abbreviation* const found = FindAbbreviation(text);
  if (found == nullptr || found->spoken.empty()) {
    // "J. Smith": the full stop of an initial.
    if (!stop || text.size() != 1) return 0;
    out->Letter(text[0]);
    return 1;
  }
  if (!stop && !BareMakesSense(*found, in, i)) return 0;
  if (stop && text.size() == 1 && IsUpperChar(text[0])) {
    out->Letter(text[0]);
    return 1;
  }
  out->Words(SpokenOf(*found, in, i));
  if (possessive) out->items.back().text += "'s";
  return 1;
}

}  // namespace m2tts
