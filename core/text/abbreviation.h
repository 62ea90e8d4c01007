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
    kState,         // "Okla.": after the name of a town and a comma
    kBook,          // "Rom.": of the Bible, before chapter and verse only
    kMonth,         // "Jan.", "Tues."
    kStreet,        // "Ave.": after a name; ends the sentence when a new one plainly starts
    kUnit,          // "lbs.": after a number; the rule of measures says it
    kOther,         // "etc.", "Inc.": ends the sentence when a new one plainly starts after it
  };
  // What the same letters are when they are small.
  enum class Small {
    kSame,
    kEither,  // "sec.", "art.": before a digit the abbreviation, else a word ("wait a sec")
    kWord,    // "sat", "sun": always the word
  };
  std::string_view written;  // lower case, without the final full stop
  std::string_view spoken;   // lower-case words; empty for kUnit
  Kind kind;
  bool bare = false;  // also read without the full stop, when written with a capital: "Mr Smith"
  Small small = Small::kSame;
};

// `word` in any case, without its final full stop. nullptr when it is none.
const Abbreviation* FindAbbreviation(std::string_view word);

// Whether `rest`, the text after the full stop of `word` and the blanks, begins with the roman
// numeral that the abbreviation counts: "Vol. IV"; not "Wait a sec. I ran" or "No. I'm here".
bool NumeralFollows(const Abbreviation& abbreviation, std::string_view word, std::string_view rest);

// Whether `rest` begins with a chapter and verse: "8:28".
bool VerseFollows(std::string_view rest);

// "U.S", "e.g", "J.R.R": single letters with full stops between.
bool IsDottedLetters(std::string_view word);

// Degrees and such, with full stops inside: "Ph.D", "B.Sc", "D.Phil".
bool IsDottedDegree(std::string_view word);

// Whether `word`, as written after a full stop and a blank, is one that starts sentences far
// more often than it names something: "The", "However".
bool IsSentenceStarter(std::string_view word);

}  // namespace m2tts
