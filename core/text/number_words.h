// Numbers to English words. US style by default: "one hundred five", no "and".
//
// Pure functions; each appends lower-case words to `*out`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace m2tts {

using WordList = std::vector<std::string>;

// `digits`: ASCII digits only, at least one; leading zeros are ignored. Up to 66 digits
// (vigintillions); a longer number is read digit by digit. `say_and`: "one hundred and five".
void AppendCardinal(std::string_view digits, WordList* out, bool say_and = false);
// "twenty first".
void AppendOrdinal(std::string_view digits, WordList* out, bool say_and = false);
// "one two zero".
void AppendDigits(std::string_view digits, WordList* out);
// Two by two: "forty four zero five"; an odd first digit alone.
void AppendDigitPairs(std::string_view digits, WordList* out);
// "three point one four"; the part before the point may be empty ("zero point five").
void AppendDecimal(std::string_view whole, std::string_view fraction, WordList* out, bool say_and = false);
// Three or four digits in pairs: "nineteen eighty four", "two thousand five", "nineteen
// hundred", "three forty".
void AppendYear(std::string_view digits, WordList* out);
// What a fraction's lower part is called: "half", "quarters", "eighths".
void AppendDenominator(std::string_view digits, bool one, WordList* out);
// The plural of the last word: "nineties", "sixes".
void MakePlural(std::string* word);

}  // namespace m2tts
