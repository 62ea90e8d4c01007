// Shared by the fuzz targets: one front end, and what every sentence must keep to.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

#include "core/text/frontend.h"

namespace m2tts {

inline const TextFrontend& FuzzFrontend() {
  static const std::unique_ptr<TextFrontend> frontend = [] {
    TextFrontendOptions options;
    options.lexicon_path = M2TTS_FUZZ_LEXICON;
    return TextFrontend::Create(options).value();
  }();
  return *frontend;
}

// Aborts on a range outside of the input, a sentence without words or over its cap, or output
// out of proportion.
inline void CheckSentences(SentenceReader* reader, size_t input_bytes) {
  size_t said = 0;
  const auto check = [&](TextRange range) {
    if (range.begin > range.end || range.end > input_bytes) std::abort();
  };
  while (const std::optional<Sentence> sentence = reader->Next()) {
    if (sentence->words.empty() || sentence->phonemes.size() > 250) std::abort();
    check(sentence->source);
    for (const Word& word : sentence->words) check(word.source);
    for (const TextWarning& warning : sentence->warnings) check(warning.range);
    said += sentence->normalized.size();
  }
  for (const TextWarning& warning : reader->trailing_warnings()) check(warning.range);
  if (said > 64 * input_bytes + 64) std::abort();
}

}  // namespace m2tts
