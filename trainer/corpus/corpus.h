// Makes a training corpus in the layout of LJ Speech by having a free synthesizer read a list
// of sentences:
//
//   OUTPUT/metadata.csv   id|text|text, written last and at once: it exists when all is there
//   OUTPUT/wavs/ID.wav    as the engine speaks (festival's HTS voices: 32 kHz, 16 bit)
//   OUTPUT/wavs/ID.lab    the times of its phones, where the engine tells them (festival): `align_by: labels`
//   OUTPUT/sources.csv    id|engine:voice|text, of which sentence and voice each WAV is
//   OUTPUT/lock           held by the process that makes it; a second one is refused
//
// A run that was interrupted goes on: a WAV that is whole and has the same source is kept. Each
// WAV is written under another name and renamed when it is whole.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "core/base/status.h"

namespace m2tts {

struct CorpusOptions {
  std::filesystem::path sentences_file;  // id|text, see sentence_list.h
  std::filesystem::path output_dir;      // made when missing
  std::string engine = "festival";       // or "flite"
  std::string voice;                     // "" = the engine's slt voice
  int jobs = 0;                          // synthesizers at once, 0 = one per core
  int limit = 0;                         // only the first so many sentences, 0 = all

  Status Validate() const;
};

struct CorpusProgress {
  size_t done = 0;  // sentences with a WAV, the kept ones included
  size_t kept = 0;  // from an earlier run
  size_t total = 0;
  double audio_seconds = 0;  // of the sentences done
  double elapsed_seconds = 0;
  double eta_seconds = 0;  // at the speed so far; 0 when done

  bool finished() const { return done == total; }
};

// Called by one thread at a time, after each chunk of sentences.
using CorpusProgressFn = std::function<void(const CorpusProgress&)>;

// Blocks until the corpus is made. `progress` may be null. INVALID_ARGUMENT for options or
// sentence list (with its line), NOT_FOUND for a missing engine or voice, PERMISSION_DENIED for
// a folder that cannot be written, FAILED_PRECONDITION while another process makes a corpus there; INTERNAL
// names the first sentence that could not be read, after all others were: running again tries only what is
// missing. On success returns the totals.
StatusOr<CorpusProgress> MakeCorpus(const CorpusOptions& options, const CorpusProgressFn& progress);

}  // namespace m2tts
