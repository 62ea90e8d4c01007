// Numbers that name something, by the word before them, and long hyphenated ones.
//
//   digits one by one   "code 4821", "PIN is 0042", "dial 411", "911"
//   pairs               "Flight 370", "Room 237", "Boeing 747", "Highway 101"
//   groups              "123-45-6789", "4111 1111 1111 1111", "ISBN 978-3-16-148410-0"
#include "core/text/char_class.h"
#include "core/text/rules.h"
#include "core/text/rules/year.h"

namespace m2tts {
namespace {

constexpr std::string_view kCodes[] = {
    "code",     "pin",         "otp",    "passcode", "password", "account",   "confirmation", "tracking",
    "zip",      "id",          "dial",   "dialed",   "badge",    "extension", "ext",          "ext.",
    "passport", "combination", "ending", "call",     "called",   "calling",   "text"};
constexpr std::string_view kPairs[] = {"flight",     "room",      "boeing", "airbus", "route",  "highway",
                                       "interstate", "bus",       "suite",  "hwy",    "hwy.",   "peugeot",
                                       "porsche",    "porsche's", "rte.",   "rm.",    "locker", "form",
                                       "train",      "apartment", "gate"};

template <size_t N>
bool In(const std::string_view (&words)[N], std::string_view word) {
  for (const std::string_view known : words) {
    if (EqualsIgnoreCase(word, known)) return true;
  }
  return false;
}

// The word that says what the number is: the one before it, past "is", "number", ":" and "#".
std::string_view Namer(const RuleInput& in, size_t i) {
  size_t steps = 0;
  while (i > 0 && steps < 3) {
    --i;
    ++steps;
    const std::string_view text = in.At(i).text;
    if (in.IsMark(i, ':') || in.IsMark(i, '#') || text == "is" || text == "number" || text == "No." ||
        text == "was" || (text == "in" && i > 0 && in.At(i - 1).text == "ending") ||
        (text.size() == 2 && AllUpper(text))) {  // "Flight UA 1549"
      continue;
    }
    return in.Is(i, TokenKind::kWord) ? text : std::string_view();
  }
  return {};
}

// "747" -> "seven forty seven", "1549" -> "fifteen forty nine", "101" -> "one zero one".
void SayPairs(std::string_view digits, SpokenList* out) {
  if (digits.size() == 4) {
    if (digits[2] == '0' && digits[3] != '0') {
      out->Digits(digits);
    } else {
      out->Year(digits);
    }
    return;
  }
  if (digits[1] == '0' && digits[2] == '0') {
    out->Cardinal(digits);
  } else if (digits[1] == '0') {
    out->Digits(digits);
  } else {
    out->Cardinal(digits.substr(0, 1));
    out->Cardinal(digits.substr(1));
  }
}

void SayGroups(std::string_view text, SpokenList* out) {
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find('-', begin), text.size());
    if (begin > 0) out->Pause(kShortPause, ",");
    out->Letters(text.substr(begin, end - begin));
    begin = end + 1;
  }
}

// Three or more groups of digits, eight digits or more in all; ISBN may end in X.
bool IsGrouped(std::string_view text) {
  size_t digits = 0;
  size_t hyphens = 0;
  for (size_t k = 0; k < text.size(); ++k) {
    if (IsDigitChar(text[k])) {
      ++digits;
    } else if (text[k] == '-') {
      ++hyphens;
    } else if (text[k] != 'X' || k + 1 != text.size()) {
      return false;
    }
  }
  return hyphens >= 2 && digits >= 8;
}

bool IsFour(const RuleInput& in, size_t i) {
  return in.Is(i, TokenKind::kNumber) && in.At(i).text.size() == 4 && AllDigits(in.At(i).text);
}

size_t SayPlan(const RuleInput& in, size_t i, SpokenList* out) {
  const std::string_view text = in.At(i).text;
  if (text.substr(0, 3) != "401" && text.substr(0, 3) != "403") return 0;
  const char letter = text[2] == '1' ? 'k' : 'b';
  const bool glued = text.size() == 4 && text[3] == letter;
  const bool bracket = text.size() == 3 && in.IsMark(i + 1, '(') && in.Glued(i + 1) &&
                       in.IsMark(i + 2, letter) && in.IsMark(i + 3, ')');
  if (!glued && !bracket) return 0;
  out->Words(letter == 'k' ? "four oh one" : "four oh three");
  out->Letter(letter);
  return glued ? 1 : 4;
}

}  // namespace

size_t IdentifierRule(const RuleInput& in, size_t i, SpokenList* out) {
  if (!in.Is(i, TokenKind::kNumber)) return 0;
  const std::string_view text = in.At(i).text;
  if (text.size() < 3 || !IsDigitChar(text[0])) return 0;
  // "401(k)", "401k", "403(b)": plans for old age.
  if (const size_t plan = SayPlan(in, i, out); plan != 0) return plan;
  if (!AllDigits(text)) {
    if (text.size() < 10 || text.size() > 24 || !IsGrouped(text)) return 0;
    SayGroups(text, out);
    return 1;
  }
  if (text == "911" && (i == 0 || !EqualsIgnoreCase(in.At(i - 1).text, "porsche")) &&
      !IsPluralNoun(in.At(i + 1).text)) {
    out->Digits(text);
    return 1;
  }
  if (IsFour(in, i) && IsFour(in, i + 1) && IsFour(in, i + 2) && IsFour(in, i + 3)) {
    for (size_t g = 0; g < 4; ++g) {
      if (g > 0) out->Pause(kShortPause, ",");
      out->Digits(in.At(i + g).text);
    }
    return 4;
  }
  const std::string_view namer = Namer(in, i);
  if (namer.size() < 2) return 0;
  if (In(kCodes, namer) && !IsPluralNoun(in.At(i + 1).text)) {
    out->Digits(text);
    return 1;
  }
  if (text.size() <= 4 && text[0] != '0' && In(kPairs, namer)) {
    SayPairs(text, out);
    return 1;
  }
  return 0;
}

}  // namespace m2tts
