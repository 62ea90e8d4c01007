// What fuzz targets of text hold on to.
#pragma once

#include <string>

#include "core/text/frontend.h"
#include "tests/fuzz/fuzz_check.h"

namespace m2tts {

// The front end with the lexicon that the build compiled.
inline const TextFrontend& FuzzedFrontend() {
  static const auto* const frontend = new std::unique_ptr<TextFrontend>([] {
    TextFrontendOptions options;
    options.lexicon_path = std::string(M2TTS_BINARY_DIR) + "/lexicon/en_US.lex";
    return TextFrontend::Create(options).value();
  }());
  return **frontend;
}

inline void CheckRange(TextRange range, size_t size) {
  FUZZ_CHECK(range.begin <= range.end);
  FUZZ_CHECK(range.end <= size);
}

// What sentence.h promises, for text of `size` bytes.
inline void CheckSentence(const Sentence& sentence, size_t size, size_t max_phonemes = 250) {
  CheckRange(sentence.source, size);
  FUZZ_CHECK(!sentence.words.empty());
  FUZZ_CHECK(sentence.phonemes.size() >= 4 && sentence.phonemes.size() <= max_phonemes);
  FUZZ_CHECK(sentence.phonemes.front().id == kBegin && sentence.phonemes.back().id == kEnd);
  int32_t word = 0;
  bool separator = true;
  for (size_t i = 1; i + 1 < sentence.phonemes.size(); ++i) {
    const Phoneme& phoneme = sentence.phonemes[i];
    if (IsSpecial(phoneme.id)) {
      FUZZ_CHECK(!separator && phoneme.word == -1);
      ++word;
    } else {
      FUZZ_CHECK(phoneme.word == word);
    }
    separator = IsSpecial(phoneme.id);
  }
  FUZZ_CHECK(separator && static_cast<size_t>(word) == sentence.words.size());
  for (const Word& spoken : sentence.words) CheckRange(spoken.source, size);
  for (const TextWarning& warning : sentence.warnings) CheckRange(warning.range, size);
  for (const SentenceMark& mark : sentence.marks) {
    CheckRange(mark.source, size);
    FUZZ_CHECK(mark.before_word <= sentence.words.size());
  }
  FUZZ_CHECK(sentence.prosody.rate > 0 && sentence.prosody.volume >= 0);
}

}  // namespace m2tts
