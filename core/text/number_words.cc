#include "core/text/number_words.h"

#include <array>

namespace m2tts {
namespace {

constexpr std::array<const char*, 20> kSmall = {"zero",    "one",     "two",       "three",    "four",
                                                "five",    "six",     "seven",     "eight",    "nine",
                                                "ten",     "eleven",  "twelve",    "thirteen", "fourteen",
                                                "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
constexpr std::array<const char*, 10> kTens = {"",      "ten",   "twenty",  "thirty", "forty",
                                               "fifty", "sixty", "seventy", "eighty", "ninety"};
constexpr std::array<const char*, 22> kGroups = {"",
                                                 "thousand",
                                                 "million",
                                                 "billion",
                                                 "trillion",
                                                 "quadrillion",
                                                 "quintillion",
                                                 "sextillion",
                                                 "septillion",
                                                 "octillion",
                                                 "nonillion",
                                                 "decillion",
                                                 "undecillion",
                                                 "duodecillion",
                                                 "tredecillion",
                                                 "quattuordecillion",
                                                 "quindecillion",
                                                 "sexdecillion",
                                                 "septendecillion",
                                                 "octodecillion",
                                                 "novemdecillion",
                                                 "vigintillion"};

void AppendBelowHundred(int n, WordList* out) {
  if (n < 20) {
    out->emplace_back(kSmall[static_cast<size_t>(n)]);
    return;
  }
  out->emplace_back(kTens[static_cast<size_t>(n / 10)]);
  if (n % 10 != 0) out->emplace_back(kSmall[static_cast<size_t>(n % 10)]);
}

void AppendBelowThousand(int n, bool say_and, WordList* out) {
  if (n >= 100) {
    out->emplace_back(kSmall[static_cast<size_t>(n / 100)]);
    out->emplace_back("hundred");
    n %= 100;
    if (n == 0) return;
    if (say_and) out->emplace_back("and");
  }
  AppendBelowHundred(n, out);
}

int ToInt(std::string_view digits) {
  int n = 0;
  for (const char c : digits) n = n * 10 + (c - '0');
  return n;
}

void MakeOrdinal(std::string* word) {
  struct Irregular {
    const char* cardinal;
    const char* ordinal;
  };
  static constexpr std::array<Irregular, 7> kIrregular = {{{"one", "first"},
                                                           {"two", "second"},
                                                           {"three", "third"},
                                                           {"five", "fifth"},
                                                           {"eight", "eighth"},
                                                           {"nine", "ninth"},
                                                           {"twelve", "twelfth"}}};
  for (const Irregular& entry : kIrregular) {
    if (*word == entry.cardinal) {
      *word = entry.ordinal;
      return;
    }
  }
  if (word->back() == 'y') {
    word->pop_back();
    *word += "ieth";
  } else {
    *word += "th";
  }
}

}  // namespace

void AppendCardinal(std::string_view digits, WordList* out, bool say_and) {
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  if (digits.size() > kGroups.size() * 3) {
    AppendDigits(digits, out);
    return;
  }
  if (digits == "0") {
    out->emplace_back("zero");
    return;
  }
  size_t group = (digits.size() + 2) / 3;
  const bool long_number = group > 1;
  while (group-- > 0) {
    const size_t length = digits.size() - group * 3;
    const int n = ToInt(digits.substr(0, length));
    digits.remove_prefix(length);
    if (n == 0) continue;
    if (say_and && long_number && group == 0 && n < 100) out->emplace_back("and");
    AppendBelowThousand(n, say_and, out);
    if (group > 0) out->emplace_back(kGroups[group]);
  }
}

void AppendOrdinal(std::string_view digits, WordList* out, bool say_and) {
  AppendCardinal(digits, out, say_and);
  MakeOrdinal(&out->back());
}

void AppendDigits(std::string_view digits, WordList* out) {
  for (const char c : digits) out->emplace_back(kSmall[static_cast<size_t>(c - '0')]);
}

void AppendDigitPairs(std::string_view digits, WordList* out) {
  if (digits.size() % 2 == 1) {
    AppendDigits(digits.substr(0, 1), out);
    digits.remove_prefix(1);
  }
  for (; !digits.empty(); digits.remove_prefix(2)) {
    if (digits[0] == '0') {
      AppendDigits(digits.substr(0, 2), out);
    } else {
      AppendBelowHundred(ToInt(digits.substr(0, 2)), out);
    }
  }
}

void AppendDecimal(std::string_view whole, std::string_view fraction, WordList* out, bool say_and) {
  AppendCardinal(whole.empty() ? "0" : whole, out, say_and);
  out->emplace_back("point");
  AppendDigits(fraction, out);
}

void AppendYear(std::string_view digits, WordList* out) {
  const size_t split = digits.size() - 2;
  const int high = ToInt(digits.substr(0, split));
  const int low = ToInt(digits.substr(split));
  if (high % 10 == 0 && low < 10) {
    AppendCardinal(digits, out);
    return;
  }
  AppendBelowHundred(high, out);
  if (low == 0) {
    out->emplace_back("hundred");
    return;
  }
  if (low < 10) out->emplace_back("oh");
  AppendBelowHundred(low, out);
}

void AppendDenominator(std::string_view digits, bool one, WordList* out) {
  if (digits == "2") {
    out->emplace_back(one ? "half" : "halves");
  } else if (digits == "4") {
    out->emplace_back(one ? "quarter" : "quarters");
  } else {
    AppendOrdinal(digits, out);
    if (!one) MakePlural(&out->back());
  }
}

void MakePlural(std::string* word) {
  const char last = word->back();
  if (last == 'y') {
    word->pop_back();
    *word += "ies";
  } else if (last == 'x' || last == 's' ||
             (last == 'h' && word->size() > 1 && (*word)[word->size() - 2] == 'c')) {
    *word += "es";
  } else {
    *word += "s";
  }
}

}  // namespace m2tts
