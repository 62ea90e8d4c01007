// Abbreviations that are written with a full stop, and what they stand for.
//
// Shared by the tokenizer (does the full stop belong to the word?), the sentence splitter
// (does it end the sentence?) and the normalizer (what is said?). Immutable table.
#pragma once

#include <string_view>

namespace m2tts {

struct Abbreviation {
  enum class Kind {
    kTitle,         // "Mr." stands before a name and never ends a sentence
    kBeforeNumber,  // "No." only means "number" before a digit
    kMonth,         // "Jan."
    kOther,         // "etc.", "Inc.": ends the sentence when a new one plainly starts after it
  };
  std::string_view written;  // lower case, without the final full stop
  std::string_view spoken;   // lower-case words
  Kind kind;
};

// `word` in any case, without its final full stop. nullptr when it is none.
const Abbreviation* FindAbbreviation(std::string_view word);

// "U.S", "e.g", "J.R.R": single letters with full stops between.
bool IsDottedLetters(std::string_view word);

}  // namespace m2tts
