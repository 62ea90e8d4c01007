// The parsers of pronunciations: user lexicons, the dictionary, IPA and ARPAbet.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/text/lexicon_compiler.h"
#include "core/text/markup/ipa.h"
#include "core/text/user_lexicon.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto lexicon = m2tts::UserLexicon::Parse(text, "fuzz");
  if (!lexicon.ok() && lexicon.status().message().empty()) std::abort();
  static_cast<void>(m2tts::ParseDictionary(text, "fuzz"));
  static_cast<void>(m2tts::ParseIpa(text));
  static_cast<void>(m2tts::ParseArpabet(text));
  return 0;
}
