#include "trainer/g2p/held_out_chain.h"

#include <unistd.h>

#include <string>

#include "absl/container/flat_hash_set.h"
#include "core/base/file.h"
#include "core/base/install_paths.h"
#include "core/text/lexicon_files.h"

namespace m2tts {

StatusOr<std::unique_ptr<TextFrontend>> MakeHeldOutFrontend(const std::vector<DictionaryEntry>& entries,
                                                            const std::vector<DictionaryEntry>& held_out,
                                                            const std::filesystem::path& model) {
  absl::flat_hash_set<std::string> hidden;
  for (const DictionaryEntry& entry : held_out) hidden.insert(entry.word);
  std::vector<DictionaryEntry> known;
  for (const DictionaryEntry& entry : entries) {
    if (!hidden.contains(entry.word)) known.push_back(entry);
  }
  M2TTS_ASSIGN_OR_RETURN(const std::string bytes, CompileLexicon(known));
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / fmt::format("m2tts-held-out-{}.lex", getpid());
  M2TTS_RETURN_IF_ERROR(WriteFileAtomic(file, bytes));
  TextFrontendOptions options;
  options.lexicon_path = file;
  options.g2p_path = model;
  options.phrasing_path =
      ModelBeside(FindInstallPaths().lexicon, kPhrasingExtension);  // nothing of it is heard
  StatusOr<std::unique_ptr<TextFrontend>> frontend = TextFrontend::Create(options);
  std::error_code ignored;
  std::filesystem::remove(file, ignored);  // stays mapped
  return frontend;
}

Pronunciation ReadByFrontend(const TextFrontend& frontend, std::string_view text) {
  Pronunciation out;
  auto reader = frontend.Read(std::string(text));
  if (!reader.ok()) return out;
  while (const std::optional<Sentence> sentence = (*reader)->Next()) {
    for (const Phoneme& phoneme : sentence->phonemes) {
      if (phoneme.word >= 0) out.push_back({phoneme.id, phoneme.stress});
    }
  }
  return out;
}

}  // namespace m2tts
