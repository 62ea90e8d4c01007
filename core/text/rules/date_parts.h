// What dates are made of: days, months and years as written, and how they are said. Shared by
// dates with the month in words (date.cc) and in digits (numeric_date.cc).
#pragma once

#include <string_view>

#include "core/text/rules.h"

namespace m2tts {

// The days of "25", "25th", "4-6" and "4th-6th"; `last` is empty when there is one only.
struct Days {
  std::string_view first;
  std::string_view last;
};

// The number that `digits` are; at most four of them.
int DigitsValue(std::string_view digits);
bool IsDay(std::string_view digits);          // 1 to 31
bool IsMonthDigits(std::string_view digits);  // 1 to 12

// "twenty twelve", "zero five", "ninety nine": four digits or two.
void SayDateYear(std::string_view digits, SpokenList* out);
// "july fourth to sixth".
void SayMonthDay(int month, const Days& days, SpokenList* out);
// "[the] fourth of july".
void SayDayMonth(const Days& days, int month, bool the, SpokenList* out);

// Whether the word before token `i` announces a date: "on 7/4" is a day, not a fraction.
bool IsBeforeDate(const RuleInput& in, size_t i);

// A date in digits alone at token `i`: 1 when it was one, else 0.
size_t SayNumericDate(const RuleInput& in, size_t i, SpokenList* out);

}  // namespace m2tts
