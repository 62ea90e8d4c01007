// Measures a voice against recordings of the same sentences: what `m2tts-trainer eval` does.
//
//   1. each sentence is synthesized, in order, by the calling thread
//   2. mel cepstral distortion, pitch, voicing and duration against its recording
//   3. a recognizer listens to both, several files at once; its word errors on the recordings
//      are what the voice can at best be measured against
//   4. a paired bootstrap over sentences tells how sure the difference is
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/audio/audio_config.h"
#include "core/base/status.h"
#include "trainer/evaluation/acoustic_distance.h"
#include "trainer/evaluation/bootstrap.h"
#include "trainer/evaluation/recognizer.h"
#include "trainer/evaluation/word_errors.h"

namespace m2tts {

struct EvalItem {
  std::string id;
  std::string text;                 // what was said; the reference of word errors
  std::filesystem::path recording;  // any rate
};

// The first `limit` (0 = all) sentences of a corpus in LJ Speech's layout. Errors name the file
// and line; NOT_FOUND names the first recording that is missing.
StatusOr<std::vector<EvalItem>> ReadEvalItems(const std::filesystem::path& corpus_dir, int limit);

// Mono samples at EvalOptions::audio.sample_rate.
using SynthesizeFn = std::function<StatusOr<std::vector<float>>(const std::string& text)>;

struct EvalOptions {
  AudioConfig audio;  // of the voice
  // Off: no recognizer is run and no word errors are reported.
  bool recognize = true;
  RecognizerOptions recognizer;
  BootstrapOptions bootstrap;
};

struct EvalSentence {
  EvalItem item;
  AcousticDistance acoustic;
  std::string heard_in_recording;
  std::string heard_in_voice;
  WordErrors recording_errors;
  WordErrors voice_errors;
};

struct EvalReport {
  std::vector<EvalSentence> sentences;
  double mcd_db = 0;          // mean over sentences
  PitchDistance pitch;        // over all frame pairs
  double duration_error = 0;  // mean over sentences of |voice - recording| / recording
  bool recognized = false;    // the rest is filled in only then
  WordErrors recording_errors;
  WordErrors voice_errors;
  Interval difference;  // of word error rates, voice - recordings, 95 %
};

// stage: "synthesis" or "recognition". From one thread at a time.
using EvalProgressFn = std::function<void(const std::string& stage, size_t done, size_t total)>;

// Fails at the first sentence that cannot be synthesized or measured, naming it. Temporary WAV
// files take ~300 KB a sentence and are removed. `progress` may be null.
StatusOr<EvalReport> CompareSystems(const std::vector<EvalItem>& items, const SynthesizeFn& synthesize,
                                    const EvalOptions& options, const EvalProgressFn& progress = nullptr);

}  // namespace m2tts
