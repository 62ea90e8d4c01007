// A user lexicon of any bytes is refused line by line, or its words can be said and written in IPA.
#include <cstdint>

#include "core/text/markup/ipa.h"
#include "core/text/user_lexicon.h"
#include "tests/fuzz/sentence_check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace m2tts;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto lexicon = UserLexicon::Parse(text, "fuzz");
  if (!lexicon.ok()) {
    FUZZ_CHECK(lexicon.status().code() == StatusCode::kInvalidArgument);
    FUZZ_CHECK(std::string(lexicon.status().message()).substr(0, 5) == "fuzz:");
    return 0;
  }
  ReadOptions options;
  options.user = {*lexicon};
  const auto reader = FuzzedFrontend().Read(text, options);
  FUZZ_CHECK(reader.ok());
  while (const auto sentence = (*reader)->Next()) {
    CheckSentence(*sentence, size);
    Pronunciation sounds;
    for (const Phoneme& phoneme : sentence->phonemes) {
      if (phoneme.word >= 0) sounds.push_back({phoneme.id, phoneme.stress});
    }
    FUZZ_CHECK(ParseIpa(FormatIpa(sounds)).ok());
  }
  return 0;
}
