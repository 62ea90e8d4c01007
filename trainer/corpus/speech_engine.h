// The free synthesizers that can read a corpus aloud, each as an external program.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"
#include "trainer/corpus/sentence_list.h"

namespace m2tts {

struct SpeechTask {
  const ListedSentence* sentence;
  std::filesystem::path wav;  // to write

  // Where an engine that knows the times of its phones writes them, as xwaves labels.
  std::filesystem::path labels() const { return std::filesystem::path(wav).replace_extension(".lab"); }
};

// Immutable after Create, so any thread may call Speak, several at once.
class SpeechEngine {
 public:
  // `engine` "festival" or "flite"; `voice` as the engine names it, "" for its slt voice.
  // Looks for the program and reads a word with the voice: NOT_FOUND says what to install.
  static StatusOr<std::unique_ptr<SpeechEngine>> Create(const std::string& engine, const std::string& voice);
  virtual ~SpeechEngine() = default;

  // Reads the sentences to their WAV files. One that cannot be read leaves no file, or a broken
  // one: look at the files. An error means that the program itself failed.
  virtual Status Speak(const std::vector<SpeechTask>& tasks) const = 0;

  // Whether Speak writes labels() too: the engine's own times, where an aligner can but guess.
  virtual bool writes_labels() const { return false; }

  // "festival:cmu_us_slt_arctic_hts".
  virtual std::string name() const = 0;
};

// A Scheme string literal: quoted, with '"' and '\' escaped.
std::string SchemeString(std::string_view text);

// The Scheme program by which festival reads `tasks` with `voice`.
std::string FestivalScript(const std::string& voice, const std::vector<SpeechTask>& tasks);

}  // namespace m2tts
