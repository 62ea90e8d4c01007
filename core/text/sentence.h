// What the text front end hands on: sentences of phonemes that know where they came from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/text/phoneme.h"

namespace m2tts {

// Half-open byte range [begin, end) of the original UTF-8 input.
struct TextRange {
  size_t begin = 0;
  size_t end = 0;
};

// One symbol of the model's input.
struct Phoneme {
  PhonemeId id = kPad;
  Stress stress = Stress::kNone;
  int32_t word = -1;  // index into Sentence::words; -1 for specials
};

// What a word was before it was normalized: the family of the rule that read it.
enum class TokenClass : uint8_t {
  kWord,
  kAcronym,
  kAbbreviation,
  kNumber,  // cardinals, ordinals, decimals, fractions, years, ranges, scores
  kRoman,
  kDate,
  kTime,
  kMoney,
  kMeasure,
  kTelephone,
  kAddress,
  kSerial,  // letters with digits: "B-52", "v2.1"
  kWeb,     // URL, e-mail, path, handle, hashtag
  kMath,
  kSymbol,
  kPunctuation,
  kMarkup,  // given in the text: inline phonemes, SSML
};
// "word", "acronym" ...
std::string_view TokenClassName(TokenClass token_class);

enum class PronunciationSource : uint8_t { kLexicon, kUserLexicon, kRule, kModel, kInline };

// One spoken word after normalization: "$5" yields "five" and "dollars", same range.
struct Word {
  std::string text;  // lower case
  TextRange source;
  TokenClass token_class = TokenClass::kWord;
  PronunciationSource pronunciation = PronunciationSource::kLexicon;
};

struct TextWarning {
  enum class Kind : uint8_t { kUnknownWord, kSkippedCharacter, kUnsupportedScript, kLongSentence };
  Kind kind = Kind::kUnknownWord;
  TextRange range;
  std::string message;
};

// A sentence, or a clause of one that was over the length cap. `phonemes` starts with
// kBegin and ends with kEnd; words are separated by exactly one of kWordBoundary,
// kShortPause, kLongPause, kQuestion or kExclamation; the symbol before kEnd is the
// sentence's final punctuation (kLongPause when it had none).
struct Sentence {
  std::vector<Phoneme> phonemes;
  std::vector<Word> words;
  std::string normalized;  // the words with their punctuation, for people
  TextRange source;
  std::vector<TextWarning> warnings;
  bool ends_paragraph = false;
};

}  // namespace m2tts
