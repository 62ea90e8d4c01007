// The whole front end on any bytes: splitter, folding, tokens, rules, sounds, sentences.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/text/fold.h"
#include "tests/fuzz/fuzz_frontend.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto reader = m2tts::FuzzFrontend().Read(text);
  if (!reader.ok()) {
    // Only what is not UTF-8 may be refused.
    if (m2tts::FindInvalidUtf8(text) == std::string::npos) std::abort();
    return 0;
  }
  m2tts::CheckSentences(reader->get(), text.size());
  return 0;
}
