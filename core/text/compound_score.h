// How well each word of a dictionary serves as a part of compounds, counted on the dictionary.
//
// "bookstore" sounds like "book" + "store", "father" not like "fat" + "her". For every word
// that splits into two others we note whether it sounds like them; a part's score is its
// share of such successes, smoothed. Computed once, when a lexicon is compiled.
#pragma once

#include <cstdint>
#include <vector>

#include "core/text/lexicon_compiler.h"

namespace m2tts {

// For each entry, score as first part << 4 | score as last part; a score is 0 to 15.
std::vector<uint8_t> CompoundScores(const std::vector<DictionaryEntry>& entries);

}  // namespace m2tts
