// What an answer says of its text in the end, as it grows.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "server/synthesis/audio_sink.h"

namespace m2tts {

// Adds warnings to those of an answer, of which there are at most kMaxWarnings.
void AddWarnings(const std::vector<TextWarning>& from, std::vector<TextWarning>* to);

// The normalized text of an answer. One thread at a time.
class NormalizedText {
 public:
  // most: bytes that are kept; a live answer may last for days.
  explicit NormalizedText(size_t most) : most_(most) {}

  // A sentence more, on a line of its own; the first that has no room ends the text, with a warning.
  void Add(const std::string& sentence, SynthesisReport* report);

 private:
  const size_t most_;
  bool ended_ = false;
};

}  // namespace m2tts
