// m2tts-lexicon DICTIONARY... OUTPUT: compiles CMU-format dictionaries to a lexicon file.
// Runs at build time. Exits 1 with a message naming the line when a dictionary is bad, or the
// word when two of them have it.
#include <cstdio>
#include <iterator>

#include "core/base/file.h"
#include "core/text/lexicon_compiler.h"

namespace {

m2tts::Status Run(const std::vector<const char*>& dictionaries, const char* output) {
  std::vector<m2tts::DictionaryEntry> entries;
  for (const char* const dictionary : dictionaries) {
    M2TTS_ASSIGN_OR_RETURN(const std::string text, m2tts::ReadFile(dictionary));
    M2TTS_ASSIGN_OR_RETURN(auto more, m2tts::ParseDictionary(text, dictionary));
    entries.insert(entries.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }
  M2TTS_ASSIGN_OR_RETURN(const std::string bytes, m2tts::CompileLexicon(entries));
  return m2tts::WriteFileAtomic(output, bytes);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: m2tts-lexicon DICTIONARY... OUTPUT\n");
    return 2;
  }
  const m2tts::Status status = Run({argv + 1, argv + argc - 1}, argv[argc - 1]);
  if (!status.ok()) {
    std::fprintf(stderr, "m2tts-lexicon: %s\n", std::string(status.message()).c_str());
    return 1;
  }
  return 0;
}
