// Numbers: cardinals, ordinals, decimals, fractions, years and decades, ranges, scores,
// serials, and the mixed forms that begin with a digit.
#include "core/text/char_class.h"
#include "core/text/rules.h"

namespace m2tts {
namespace {

bool IsYear(std::string_view text) {
  if (text.size() != 4 || !AllDigits(text)) return false;
  return text >= "1100" && text <= "2099" && text.substr(1) != "000";
}

void SayCardinalOrYear(std::string_view digits, SpokenList* out) {
  WordList words;
  if (digits.size() > 1 && digits[0] == '0') {
    AppendDigits(digits, &words);
  } else if (IsYear(digits)) {
    AppendYear(digits, &words);
  } else {
    AppendCardinal(digits, &words);
  }
  out->Words(words);
}

bool IsOrdinalSuffix(std::string_view s) {
  for (const std::string_view suffix : {"st", "nd", "rd", "th"}) {
    if (EqualsIgnoreCase(s, suffix)) return true;
  }
  return false;
}

// "1/2": "one half"; "3/4": "three quarters"; "7/8": "seven eighths".
bool SayFraction(std::string_view top, std::string_view bottom, SpokenList* out) {
  if (!AllDigits(top) || !AllDigits(bottom) || top.size() > 3 || bottom.size() > 3) return false;
  if (top[0] == '0' || bottom[0] == '0' || bottom == "1") return false;
  WordList words;
  AppendCardinal(top, &words);
  // "24/7" and "9/11" are no fractions.
  const bool improper = top.size() > bottom.size() || (top.size() == bottom.size() && top > bottom);
  const bool common = bottom == "2" || bottom == "3" || bottom == "4" || bottom == "8" || bottom == "16";
  if ((improper && !common) || (top == "9" && bottom == "11")) {
    AppendCardinal(bottom, &words);
    out->Words(words);
    return true;
  }
  const bool one = top == "1";
  if (bottom == "2") {
    words.emplace_back(one ? "half" : "halves");
  } else if (bottom == "4") {
    words.emplace_back(one ? "quarter" : "quarters");
  } else {
    AppendOrdinal(bottom, &words);
    if (!one) MakePlural(&words.back());
  }
  out->Words(words);
  return true;
}

// "1990s", "'90s", "20s": the last word in the plural.
bool SayDecade(std::string_view digits, SpokenList* out) {
  WordList words;
  if (digits.size() == 4) {
    AppendYear(digits, &words);
  } else if (digits.size() == 2) {
    AppendCardinal(digits, &words);
  } else {
    return false;
  }
  MakePlural(&words.back());
  out->Words(words);
  return true;
}

// "3-5" is a range; "747-400" and "2-1-1" are read piece by piece.
bool SayHyphenated(std::string_view text, SpokenList* out) {
  const size_t dash = text.find_first_of("-\x81");
  if (dash == std::string_view::npos) return false;
  const std::string_view left = text.substr(0, dash);
  const std::string_view right = text.substr(dash + 1);
  PlainNumber from;
  PlainNumber to;
  const bool single = right.find_first_of("-\x81") == std::string_view::npos;
  if (single && ParsePlainNumber(left, &from) && ParsePlainNumber(right, &to) && left[0] != '0') {
    const bool years = IsYear(left) && (IsYear(right) || right.size() == 2);
    const bool grows = years || from.whole.size() < to.whole.size() ||
                       (from.whole.size() == to.whole.size() && from.whole <= to.whole);
    const bool range = grows && (years || to.whole.size() < 3 || text[dash] == kEnDash ||
                                 to.whole.size() > 3 || from.whole.size() == to.whole.size());
    if (years) {
      SayCardinalOrYear(left, out);
      out->Word("to");
      SayCardinalOrYear(right, out);
      return true;
    }
    SayPlainNumber(from, out);
    if (range || text[dash] == kEnDash || (from.whole.size() < 3 && to.whole.size() < 3)) out->Word("to");
    if (!range && to.whole.size() == 3 && to.whole.substr(1) != "00") {
      out->Letters(to.whole);
    } else {
      SayPlainNumber(to, out);
    }
    return true;
  }
  size_t begin = 0;
  while (begin <= text.size()) {
    const size_t end = std::min(text.find_first_of("-\x81", begin), text.size());
    const std::string_view part = text.substr(begin, end - begin);
    if (ParsePlainNumber(part, &from)) {
      if (from.fraction.empty() && part.size() > 2 && part.substr(part.size() - 2) != "00") {
        out->Letters(part);
      } else if (from.fraction.empty() && part[0] == '0') {
        out->Letters(part);
      } else {
        SayPlainNumber(from, out);
      }
    } else if (part.size() > 2 && IsOrdinalSuffix(part.substr(part.size() - 2)) &&
               AllDigits(part.substr(0, part.size() - 2))) {
      WordList words;
      AppendOrdinal(part.substr(0, part.size() - 2), &words);
      out->Words(words);
    } else if (AllAlpha(part) && (part.size() > 1 || IsLowerChar(part[0])) && !AllUpper(part)) {
      out->Word(ToLower(part));  // "10-year-old"
    } else {
      out->Letters(part);
    }
    begin = end + 1;
  }
  return true;
}

// "4x4", "3D", "10K", "2nd" excepted: digits as a number, letters by name or as a word.
void SayMixed(std::string_view text, SpokenList* out) {
  for (size_t i = 0; i < text.size();) {
    size_t end = i;
    if (IsDigitChar(text[i])) {
      while (end < text.size() && IsDigitChar(text[end])) ++end;
      const std::string_view digits = text.substr(i, end - i);
      if (digits.size() <= 2 && digits[0] != '0') {
        SayCardinalOrYear(digits, out);
      } else {
        out->Letters(digits);
      }
    } else if (IsAlphaChar(text[i])) {
      while (end < text.size() && IsAlphaChar(text[end])) ++end;
      const std::string_view letters = text.substr(i, end - i);
      if (letters.size() >= 3 && !AllUpper(letters)) {
        out->Word(ToLower(letters));
      } else {
        out->Letters(letters);
      }
    } else {
      end = i + 1;
      if (text[i] == '.') out->Word("point");
      if (text[i] == '/') out->Word("slash");
    }
    i = end;
  }
}

}  // namespace

bool ParsePlainNumber(std::string_view text, PlainNumber* number) {
  *number = {};
  size_t i = 0;
  while (i < text.size() && (IsDigitChar(text[i]) || text[i] == ',')) {
    if (text[i] != ',') number->whole.push_back(text[i]);
    ++i;
  }
  if (i < text.size() && text[i] == '.') {
    number->fraction = text.substr(i + 1);
    return AllDigits(number->fraction);
  }
  return i == text.size() && !number->whole.empty();
}

void SayPlainNumber(const PlainNumber& number, SpokenList* out) {
  WordList words;
  if (!number.fraction.empty()) {
    AppendDecimal(number.whole, number.fraction, &words);
  } else if (number.whole.size() > 1 && number.whole[0] == '0') {
    AppendDigits(number.whole, &words);
  } else {
    AppendCardinal(number.whole, &words);
  }
  out->Words(words);
}

bool IsOne(const PlainNumber& number) {
  return number.whole == "1" && number.fraction.empty();
}

bool IsMagnitude(std::string_view word) {
  for (const std::string_view magnitude :
       {"hundred", "thousand", "million", "billion", "trillion", "quadrillion"}) {
    if (EqualsIgnoreCase(word, magnitude)) return true;
  }
  return false;
}

size_t NumberRule(const RuleInput& in, size_t i, SpokenList* out) {
  // Signs: "-5", "+5".
  if ((in.IsMark(i, '-') || in.IsMark(i, '+') || in.IsMark(i, kPlusMinus)) &&
      in.At(i).kind == TokenKind::kSymbol && in.Is(i + 1, TokenKind::kNumber) && in.Glued(i + 1)) {
    out->Words(in.IsMark(i, '-') ? "minus" : in.IsMark(i, '+') ? "plus" : "plus or minus");
    return 1;
  }
  if (!in.Is(i, TokenKind::kNumber)) return 0;
  std::string_view text = in.At(i).text;
  if (text[0] == '\'') text.remove_prefix(1);
  PlainNumber number;
  if (ParsePlainNumber(text, &number)) {
    // "5 1/2": a mixed number.
    const std::string_view next = in.At(i + 1).text;
    const size_t slash = next.find('/');
    if (in.Is(i + 1, TokenKind::kNumber) && slash != std::string_view::npos && number.fraction.empty() &&
        next.size() <= 5 && next.substr(0, slash) < next.substr(slash + 1)) {
      SayPlainNumber(number, out);
      out->Word("and");
      if (next.substr(0, slash) == "1" && next.substr(slash + 1) == "2") {
        out->Words("a half");
        return 2 + SayUnitAfter(in, i + 2, out);
      }
      if (SayFraction(next.substr(0, slash), next.substr(slash + 1), out)) {
        return 2 + SayUnitAfter(in, i + 2, out);
      }
      out->items.pop_back();
      return 1;
    }
    if (number.fraction.empty() && text.find(',') == std::string_view::npos) {
      SayCardinalOrYear(text, out);
    } else {
      SayPlainNumber(number, out);
    }
    return 1;
  }
  if (text.size() > 2 && IsOrdinalSuffix(text.substr(text.size() - 2)) &&
      ParsePlainNumber(text.substr(0, text.size() - 2), &number) && number.fraction.empty()) {
    WordList words;
    AppendOrdinal(number.whole, &words);
    out->Words(words);
    return 1;
  }
  if (text.back() == 's' && text.size() > 2) {
    std::string_view digits = text.substr(0, text.size() - 1);
    if (digits.back() == '\'') digits.remove_suffix(1);
    if (AllDigits(digits) && SayDecade(digits, out)) return 1;
  }
  if (const size_t slash = text.find('/'); slash != std::string_view::npos) {
    if (SayFraction(text.substr(0, slash), text.substr(slash + 1), out)) return 1;
  }
  // Scores and ratios: "3:1".
  if (const size_t colon = text.find(':'); colon != std::string_view::npos) {
    const std::string_view left = text.substr(0, colon);
    const std::string_view right = text.substr(colon + 1);
    if (AllDigits(left) && AllDigits(right)) {
      SayCardinalOrYear(left, out);
      out->Word("to");
      SayCardinalOrYear(right, out);
      return 1;
    }
  }
  if (SayHyphenated(text, out)) return 1;
  // "1.2.3": version numbers say every part.
  if (text.find_first_not_of("0123456789.") == std::string_view::npos) {
    size_t begin = 0;
    while (begin <= text.size()) {
      const size_t end = std::min(text.find('.', begin), text.size());
      if (begin > 0 && end > begin) out->Word("point");
      if (end > begin) SayCardinalOrYear(text.substr(begin, end - begin), out);
      begin = end + 1;
    }
    return 1;
  }
  SayMixed(text, out);
  return 1;
}

}  // namespace m2tts
