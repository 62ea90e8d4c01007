// An amount as written, shared by money, measures and plain numbers.
//
//   amount   := value | value dash value          "3", "3-5", "1.5-2"
//   value    := plain [blank|dash fraction] | fraction      "2", "2 1/2", "2-1/2", "3/4"
//   plain    := digits with "," or blanks or apostrophes between groups of three [. digits]
//   trailer  := letters right after it ("km", "K") or a hyphen and words ("-day", "-million")
//
// Reads a bounded number of tokens: at most kMaxGroups groups of three digits.
#pragma once

#include <string>
#include <string_view>

#include "core/text/rules.h"

namespace m2tts {

struct AmountValue {
  PlainNumber number;       // no digits at all when only a fraction is written
  std::string_view top;     // of the fraction, else empty
  std::string_view bottom;  // of the fraction, else empty

  bool IsFraction() const { return !bottom.empty(); }
  bool HasNumber() const { return !number.whole.empty() || !number.fraction.empty(); }
};

struct Amount {
  AmountValue from;  // the lower end when `range`
  AmountValue value;
  bool range = false;
  std::string_view trailer;  // in the last token: "km" of "5km", "day" of "3-day"
  bool hyphen = false;       // a hyphen stands before the trailer
  size_t used = 0;           // tokens
};

// Reads the amount at token `i`; false when the token is no number or has something in it
// that is no amount (an ordinal's "th" is a trailer; "10:30" and "1.2.3" are no amounts).
bool ReadAmount(const RuleInput& in, size_t i, Amount* amount);

void SayValue(const AmountValue& value, SpokenList* out);
// "three to five".
void SayAmount(const Amount& amount, SpokenList* out);
// "1", "1.0" not, and fractions below one ("1/2 inch").
bool IsSingular(const AmountValue& value);
// Whether the lower end is smaller than the upper one, as far as their digits tell.
bool Grows(const PlainNumber& from, const PlainNumber& to);

// "million" for the word itself, "mn", "bn" ...; nullptr for other words. Any case.
const char* MagnitudeWord(std::string_view word);

// Says what follows a hyphen after a number: "year-old", "million", "a-day".
void SayHyphenWords(std::string_view words, const RuleInput& in, SpokenList* out);

// "120/80" is a blood pressure, said with "over": improper, with two digits and more below.
bool IsPressure(std::string_view top, std::string_view bottom);
// "one half", "three quarters", "one hundred twenty over eighty".
void SayFraction(std::string_view top, std::string_view bottom, SpokenList* out);

}  // namespace m2tts
