// m2tts-lexicon DICTIONARY OUTPUT: compiles a CMU-format dictionary to a lexicon file.
// Runs at build time. Exits 1 with a message naming the line when the dictionary is bad.
#include <cstdio>

#include "core/base/file.h"
#include "core/text/lexicon_compiler.h"

namespace {

m2tts::Status Run(const char* dictionary, const char* output) {
  M2TTS_ASSIGN_OR_RETURN(const std::string text, m2tts::ReadFile(dictionary));
  M2TTS_ASSIGN_OR_RETURN(const auto entries, m2tts::ParseDictionary(text, dictionary));
  M2TTS_ASSIGN_OR_RETURN(const std::string bytes, m2tts::CompileLexicon(entries));
  return m2tts::WriteFileAtomic(output, bytes);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: m2tts-lexicon DICTIONARY OUTPUT\n");
    return 2;
  }
  const m2tts::Status status = Run(argv[1], argv[2]);
  if (!status.ok()) {
    std::fprintf(stderr, "m2tts-lexicon: %s\n", std::string(status.message()).c_str());
    return 1;
  }
  return 0;
}
