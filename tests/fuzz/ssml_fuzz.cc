// SSML of any bytes: refused with a message, or read.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "tests/fuzz/fuzz_frontend.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  m2tts::ReadOptions options;
  options.ssml = true;
  const auto reader = m2tts::FuzzFrontend().Read(text, options);
  if (!reader.ok()) {
    if (reader.status().code() != m2tts::StatusCode::kInvalidArgument) std::abort();
    return 0;
  }
  m2tts::CheckSentences(reader->get(), text.size());
  return 0;
}
