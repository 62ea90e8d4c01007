// Characters that are said by name: Greek letters of science, arrows, signs of mathematics.
// Arguments are code points. Pure functions.
#pragma once

#include <cstdint>

namespace m2tts {

// The names of Greek letters, alpha to omega, in small letters; nullptr for other characters.
const char* GreekName(int32_t c);
// Whether it belongs to a Greek word: any letter of the script, with or without marks.
bool IsGreek(int32_t c);

// Words for a sign ("infinity", "to" for an arrow); nullptr for others.
const char* SignName(int32_t c);

// The digit of a superscript other than 2 and 3, which units own; -1 for other characters.
int SuperscriptDigit(int32_t c);

}  // namespace m2tts
