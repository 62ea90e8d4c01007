// What the text front end hands on: sentences of phonemes that know where they came from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
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
  enum class Kind : uint8_t {
    kUnknownWord,
    kSkippedCharacter,
    kUnsupportedScript,
    kLongSentence,
    kMarkup,  // a tag, attribute or value that is not understood
  };
  Kind kind = Kind::kUnknownWord;
  TextRange range;
  std::string message;
};

// How a stretch of text is to be spoken, on top of the request's own controls.
struct Prosody {
  double rate = 1.0;    // factor on the speed
  double pitch = 0.0;   // semitones
  double volume = 1.0;  // linear gain
};
inline bool operator==(const Prosody& a, const Prosody& b) {
  return a.rate == b.rate && a.pitch == b.pitch && a.volume == b.volume;
}

// A named place in the text that the client wants to know the time of.
struct SentenceMark {
  std::string name;
  TextRange source;
  size_t before_word = 0;  // index into Sentence::words; their number when it stands at the end
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
  // What markup asked for.
  Prosody prosody;
  std::optional<double> pause_before;  // seconds, on top of the pause after the sentence before
  std::optional<double> pause_after;   // seconds; absent: as the punctuation asks
  std::vector<SentenceMark> marks;
};

}  // namespace m2tts
