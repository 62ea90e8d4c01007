// Text to audio in one process, without a server: what `say`, `eval` and `selftest` use.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "core/synthesizer.h"
#include "core/text/frontend.h"

namespace m2tts {

// The words that are heard of a text, with a space between two: "nineteen ninety nine". Read as the front end
// does it by itself, whatever the files of a voice say. Any thread.
StatusOr<std::string> SpokenWords(const TextFrontend& frontend, const std::string& text);

// One thread at a time.
class Speaker {
 public:
  // The voice reads as its lexicon.txt and text.yaml say; an error in them is one of Load.
  static StatusOr<std::unique_ptr<Speaker>> Load(const std::filesystem::path& voice,
                                                 const std::filesystem::path& lexicon,
                                                 const SynthesizerOptions& options);

  // All sentences of a text with the pauses between them. INVALID_ARGUMENT when there is nothing to say.
  StatusOr<std::vector<float>> Say(const std::string& text, const SynthesisControls& controls = {});

  // SynthesisControls::speaker of one of the voice's speakers by name, the first for "".
  // INVALID_ARGUMENT lists the names.
  StatusOr<int> Index(const std::string& name) const;

  Synthesizer& synthesizer() { return *synthesizer_; }
  int sample_rate() const { return synthesizer_->sample_rate(); }

 private:
  Speaker() = default;
  std::unique_ptr<TextFrontend> frontend_;
  ReadOptions reading_;
  std::unique_ptr<Synthesizer> synthesizer_;
};

}  // namespace m2tts
