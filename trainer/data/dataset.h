// A corpus in the LJSpeech layout: metadata.csv (id|transcript|normalized transcript) and wavs/ID.wav.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/status.h"

namespace m2tts {

struct Clip {
  std::string id;
  std::string text;
  std::filesystem::path audio;  // .wav or .flac
  int line = 0;                 // in metadata.csv, for messages
};

// Reads and checks metadata.csv. INVALID_ARGUMENT names file and line of a row with wrong
// columns, an unsafe or duplicate id, an empty transcript, or a missing audio file.
StatusOr<std::vector<Clip>> ReadLjspeech(const std::filesystem::path& root);

// Writes a small corpus of synthetic tones that follow their text (each letter a pitch),
// for tests and for trying an installation: `clips` utterances of about a second.
Status WriteDummyCorpus(const std::filesystem::path& root, int clips, int sample_rate);

// Whether a clip belongs to the held-out part: depends on its id alone, so that the split
// survives additions to the corpus. `share` in [0, 1].
bool IsHeldOut(const std::string& id, double share);

}  // namespace m2tts
