// English spelling to phonemes by rule, for words that no dictionary has.
//
// Context rules in the manner of Elovitz, Johnson, McHugh and Shore, "Automatic translation
// of English text to phonetics by means of letter-to-sound rules", NRL Report 7948 (1976),
// then stress by the shape of the ending. Immutable after construction; any thread may call.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "core/text/arpabet.h"

namespace m2tts {

class LetterToSound {
 public:
  LetterToSound();

  // `word`: lower-case letters; other characters are passed over. Always yields at least
  // one phoneme when there is a letter: a word without vowels is spelled.
  Pronunciation Guess(std::string_view word) const;

 private:
  struct Rule {
    std::string_view left;  // context patterns, see lts_rules.inc
    std::string_view letters;
    std::string_view right;
    std::vector<PhonemeId> phonemes;
  };
  std::array<std::vector<Rule>, 26> rules_;  // by first letter, in order of precedence
};

// The name of a letter 'a' to 'z': "B IY1".
const Pronunciation& LetterName(char letter);

}  // namespace m2tts
