// How often a reader of unknown words is wrong.
//
// A guess is held against every variant that the dictionary gives, the nearest counts. A word is wrong when
// no variant equals the guess; phoneme errors are the edits to the nearest variant, over its length.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "core/text/lexicon_compiler.h"

namespace m2tts {

struct G2pScore {
  size_t words = 0;
  size_t wrong_words = 0;         // stress and reductions (AX AXR IX) ignored
  size_t wrong_words_stress = 0;  // every symbol counts
  size_t phonemes = 0;
  size_t edits = 0;
  size_t edits_stress = 0;
  double WordError() const { return static_cast<double>(wrong_words) / static_cast<double>(words); }
  double WordErrorWithStress() const {
    return static_cast<double>(wrong_words_stress) / static_cast<double>(words);
  }
  double PhonemeError() const { return static_cast<double>(edits) / static_cast<double>(phonemes); }
  double PhonemeErrorWithStress() const {
    return static_cast<double>(edits_stress) / static_cast<double>(phonemes);
  }
};

using WordReader = std::function<Pronunciation(std::string_view word)>;

G2pScore ScoreG2p(const std::vector<DictionaryEntry>& words, const WordReader& read);

// The pronunciation with AX, AXR and IX as AH, ER and IH, and no stress.
Pronunciation WithoutStress(const Pronunciation& pronunciation);

}  // namespace m2tts
