// The CMU dictionary as training, development and test data for G2P.
//
// The split is a function of the spelling alone, so that anybody can repeat it: FNV-1a (64 bits) of the
// word modulo 20; 0 is test, 1 is development, the rest is training. All variants of a word go together.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/text/lexicon_compiler.h"

namespace m2tts {

enum class SplitPart { kTrain, kDevelopment, kTest };

SplitPart PartOf(std::string_view word);

struct DictionarySplit {
  std::vector<DictionaryEntry> train;
  std::vector<DictionaryEntry> development;
  std::vector<DictionaryEntry> test;
};

// Keeps the words that are written with the letters a to z and the apostrophe alone, with at least one
// letter; abbreviations with full stops and the few words with hyphens or digits never reach the model.
DictionarySplit SplitDictionary(const std::vector<DictionaryEntry>& entries);

}  // namespace m2tts
