// Which letter of a word makes which of its phonemes.
//
// Each letter takes a chunk of zero to two phonemes, in order. The probability of a pair (letter, chunk) is
// learned by expectation maximization over all ways to cut the words of the dictionary, as in Bisani and Ney,
// "Joint-sequence models for grapheme-to-phoneme conversion" (2008), with one letter a unit. Stress plays
// no part here; a chunk carries it afterwards.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/text/arpabet.h"
#include "core/text/g2p_format.h"
#include "core/text/lexicon_compiler.h"

namespace m2tts {

// One pronunciation of one word, cut: pair i holds letter i and its chunk.
struct AlignedWord {
  std::string letters;
  std::vector<g2p_format::Chunk> chunks;  // as many as letters
};

struct AlignOptions {
  int iterations = 12;
  // Pairs seen less often are mistakes of the dictionary or abbreviations; words that need one are left out.
  int min_pair_count = 4;
};

// The words that can be aligned, in the order of `entries`, each variant once. Deterministic.
std::vector<AlignedWord> AlignDictionary(const std::vector<DictionaryEntry>& entries,
                                         const AlignOptions& options);

}  // namespace m2tts
