// SSML of any bytes is refused with its place, or read into sentences that keep their promises.
#include <cstdint>

#include "core/text/markup/ssml.h"
#include "tests/fuzz/sentence_check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace m2tts;
  const std::string xml(reinterpret_cast<const char*>(data), size);
  ReadOptions options;
  options.ssml = true;
  const auto reader = FuzzedFrontend().Read(xml, options);
  if (!reader.ok()) {
    FUZZ_CHECK(reader.status().code() == StatusCode::kInvalidArgument);
    return 0;
  }
  while (const auto sentence = (*reader)->Next()) {
    CheckSentence(*sentence, size);
    FUZZ_CHECK(sentence->pause_before.value_or(0) <= kMaxBreakSeconds);
    FUZZ_CHECK(sentence->pause_after.value_or(0) <= kMaxBreakSeconds);
  }
  for (const TextWarning& warning : (*reader)->trailing_warnings()) CheckRange(warning.range, size);
  return 0;
}
