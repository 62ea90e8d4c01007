// From dictionary text (the CMU dictionary's format) to the bytes of a compiled lexicon.
//
// Used by the build-time tool m2tts-lexicon and by tests. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"
#include "core/text/arpabet.h"

namespace m2tts {

struct DictionaryEntry {
  std::string word;  // lower case
  std::vector<Pronunciation> variants;
};

// One "word PHONEME PHONEME ... # comment" per line; "word(2)" is the second variant of the
// word above it. Lines starting with ";;;" and empty lines are skipped. Anything else is
// INVALID_ARGUMENT with "source:line". Words keep the order of the text.
StatusOr<std::vector<DictionaryEntry>> ParseDictionary(std::string_view text, std::string_view source);

// The file content for lexicon_format.h. INVALID_ARGUMENT for what the format cannot hold
// (word over 255 bytes, over 255 variants or phonemes, duplicate word).
StatusOr<std::string> CompileLexicon(const std::vector<DictionaryEntry>& entries);

}  // namespace m2tts
