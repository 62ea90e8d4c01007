// Corpora on disk, in the layouts that people have:
//
//   LJSpeech   metadata.csv of lines id|transcript or id|transcript|normalized; wavs/ID.wav or .flac
//   table      metadata.csv whose first line names columns divided by bars: "file" and "text", and
//              perhaps "speaker"; files are relative to the folder
//   VCTK       txt/SPEAKER/ID.txt with wav48_silence_trimmed/, wav48/ or wav/ SPEAKER/ID.wav or .flac
//              ("_mic1" and "_mic2" as in VCTK 0.92; the first is taken)
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/base/status.h"

namespace m2tts {

struct Clip {
  std::string id;       // unique in its corpus
  std::string speaker;  // empty where the layout names none
  std::string text;
  std::filesystem::path audio;  // .wav, .flac or whatever the audio library reads
  std::string where;            // file and line of the transcript, for messages
};

// What was found wrong with one row; the reader goes on behind it.
using BadRowFn = std::function<void(const Status&)>;

// Detects the layout and reads all clips. Each row with wrong columns, an unsafe or repeated id, an
// empty transcript or a missing audio file is an INVALID_ARGUMENT that names file and line: given to
// `bad_row` and passed over, or returned at once when that is null. NOT_FOUND when no layout is
// recognized, INVALID_ARGUMENT when no clip is left.
StatusOr<std::vector<Clip>> ReadDataset(const std::filesystem::path& root, const BadRowFn& bad_row = nullptr);

// Writes a small corpus of synthetic tones that follow their text (each letter a pitch),
// for tests and for trying an installation: `clips` utterances of about a second.
Status WriteDummyCorpus(const std::filesystem::path& root, int clips, int sample_rate);

// Whether a clip belongs to the held-out part: depends on its id alone, so that the split
// survives additions to the corpus. `share` in [0, 1].
bool IsHeldOut(const std::string& id, double share);

}  // namespace m2tts
