// Telephone numbers, digit by digit with a short pause between the groups.
//
//   number    := ["+"] group {sep group} [extension] | "1-800-" letters
//   group     := digits | "(" digits ")"
//   sep       := "-" | "." | blank
//   extension := ["," ] ("ext." | "ext" | "extension" | "x") digits | "x" digits in one word
//
// What makes digits a telephone number is their grouping: 3-4 with a hyphen, 3-3-4 or 1-3-3-4
// in any form, a country code with "+", or a leading zero and nine to eleven digits. At most
// kMaxGroups groups are looked at.
#include "core/text/char_class.h"
#include "core/text/rules.h"
#include "core/text/rules/spelling.h"

namespace m2tts {
namespace {

constexpr size_t kMaxGroups = 8;
constexpr size_t kMaxDigits = 15;

struct Groups {
  std::string_view digits[kMaxGroups];
  size_t count = 0;
  size_t total = 0;

  bool Add(std::string_view group) {
    if (count == kMaxGroups || total + group.size() > kMaxDigits) return false;
    digits[count++] = group;
    total += group.size();
    return true;
  }
};

// The groups of "800-555-1234" or "800.555.1234"; false when there is anything else in it.
bool AddToken(std::string_view text, Groups* groups) {
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find_first_of("-.", begin), text.size());
    const std::string_view group = text.substr(begin, end - begin);
    if (!AllDigits(group) || !groups->Add(group)) return false;
    begin = end + 1;
  }
  return true;
}

// Reads groups from token `i` on, as many as there are; returns the tokens.
size_t ReadGroups(const RuleInput& in, size_t i, Groups* groups) {
  size_t at = i;
  while (true) {
    Groups with = *groups;
    if (in.Is(at, TokenKind::kNumber) && AddToken(in.At(at).text, &with)) {
      ++at;
    } else if (in.IsMark(at, '(') && in.Is(at + 1, TokenKind::kNumber) && in.IsMark(at + 2, ')') &&
               AllDigits(in.At(at + 1).text) && with.Add(in.At(at + 1).text)) {
      at += 3;
    } else {
      return at - i;
    }
    *groups = with;
  }
}

bool IsAmerican(const Groups& g) {
  const size_t first = g.count == 4 && g.digits[0] == "1" ? 1 : 0;
  return g.count - first == 3 && g.digits[first].size() == 3 && g.digits[first + 1].size() == 3 &&
         g.digits[first + 2].size() == 4;
}

bool IsTrunk(const Groups& g) {
  return g.count >= 2 && g.digits[0].size() >= 2 && g.digits[0][0] == '0' && g.total >= 9 && g.total <= 11;
}

bool IsPhoneWord(std::string_view word) {
  for (const std::string_view known : {"call", "phone", "tel", "tel.", "telephone", "fax", "mobile", "cell",
                                       "text", "dial", "ring", "hotline", "whatsapp"}) {
    if (EqualsIgnoreCase(word, known)) return true;
  }
  return false;
}

bool PhoneWordBefore(const RuleInput& in, size_t i) {
  for (size_t back = 1; back <= 3 && back <= i; ++back) {
    if (in.Is(i - back, TokenKind::kWord) && IsPhoneWord(in.At(i - back).text)) return true;
  }
  return false;
}

void Say(const Groups& groups, SpokenList* out) {
  for (size_t g = 0; g < groups.count; ++g) {
    if (g > 0) out->Pause(kShortPause, ",");
    out->Digits(groups.digits[g]);
  }
}

// "ext. 5", "x123" after a number.
size_t SayExtension(const RuleInput& in, size_t at, SpokenList* out) {
  const size_t begin = at;
  if (in.IsMark(at, ',')) ++at;
  if (!in.Is(at, TokenKind::kWord)) return 0;
  const std::string_view word = in.At(at).text;
  std::string_view digits;
  size_t used = 1;
  if ((word[0] == 'x' || word[0] == 'X') && word.size() > 1 && AllDigits(word.substr(1))) {
    digits = word.substr(1);
  } else if (EqualsIgnoreCase(word, "ext") || EqualsIgnoreCase(word, "ext.") ||
             EqualsIgnoreCase(word, "extension") || EqualsIgnoreCase(word, "x")) {
    if (!in.Is(at + 1, TokenKind::kNumber) || !AllDigits(in.At(at + 1).text)) return 0;
    digits = in.At(at + 1).text;
    used = 2;
  } else {
    return 0;
  }
  if (digits.size() > 6) return 0;
  out->Pause(kShortPause, ",");
  out->Word("extension");
  out->Digits(digits);
  return at + used - begin;
}

// "1-800-FLOWERS", "555-HELP": digits, then words in capitals.
size_t SayLetterNumber(std::string_view text, const RuleInput& in, SpokenList* out) {
  size_t letters = 0;
  while (letters < text.size() && (IsDigitChar(text[letters]) || text[letters] == '-')) ++letters;
  if (letters < 4 || letters == text.size() || text[letters - 1] != '-') return 0;
  const std::string_view word = text.substr(letters);
  if (word.size() < 3 || word.size() > 12 || !IsUpperChar(word[0])) return 0;
  for (const char c : word) {
    if (!IsUpperChar(c) && c != '-' && !IsDigitChar(c)) return 0;
  }
  Groups groups;
  if (!AddToken(text.substr(0, letters - 1), &groups) || groups.digits[groups.count - 1].size() != 3)
    return 0;
  Say(groups, out);
  out->Pause(kShortPause, ",");
  for (std::string_view rest = word; !rest.empty();) {
    const size_t end = std::min(rest.find('-'), rest.size());
    const std::string_view part = rest.substr(0, end);
    if (AllDigits(part)) {
      out->Digits(part);
    } else if (AllUpper(part)) {
      SayPart(part, in, out);
    } else {
      out->Letters(part);
    }
    rest.remove_prefix(std::min(rest.size(), end + 1));
  }
  return 1;
}

}  // namespace

size_t TelephoneRule(const RuleInput& in, size_t i, SpokenList* out) {
  const Token& token = in.At(i);
  const bool plus = in.IsMark(i, '+') && in.Is(i + 1, TokenKind::kNumber) && in.Glued(i + 1);
  const bool bracket = in.IsMark(i, '(') && in.Is(i + 1, TokenKind::kNumber) && in.IsMark(i + 2, ')');
  if (!plus && !bracket && (token.kind != TokenKind::kNumber || !IsDigitChar(token.text[0]))) return 0;
  Groups groups;
  size_t used = ReadGroups(in, i + (plus ? 1 : 0), &groups);
  if (plus) {
    if (groups.total < 8) return 0;
    out->Word("plus");
    Say(groups, out);
    used += 1;
    return used + SayExtension(in, i + used, out);
  }
  const bool word_before = groups.total >= 7 && PhoneWordBefore(in, i);
  bool telephone = used > 0 && (IsAmerican(groups) || IsTrunk(groups) || word_before);
  if (!telephone && !bracket) {
    // The first token on its own: "555-1234 50 times".
    groups = {};
    used = 1;
    if (!AddToken(token.text, &groups)) return SayLetterNumber(token.text, in, out);
    const bool local = groups.count == 2 && groups.digits[0].size() == 3 && groups.digits[1].size() == 4 &&
                       token.text[3] == '-';
    telephone = local || IsAmerican(groups) || IsTrunk(groups);
  }
  if (!telephone) return 0;
  Say(groups, out);
  return used + SayExtension(in, i + used, out);
}

}  // namespace m2tts
