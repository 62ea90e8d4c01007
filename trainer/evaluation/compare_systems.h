// Measures voices against recordings of the same sentences: what `m2tts-trainer eval` does.
//
//   1. each sentence is spoken by each system, in order, by the calling thread
//   2. distances of spectrum, pitch, voicing and duration to its recording
//   3. a recognizer listens to all, several files at once; its word errors on the recordings
//      are what a voice can at best be measured against
//   4. a paired bootstrap over sentences tells how sure the difference is
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/audio/audio_config.h"
#include "core/base/status.h"
#include "trainer/evaluation/acoustic_distance.h"
#include "trainer/evaluation/bootstrap.h"
#include "trainer/evaluation/mos_predictor.h"
#include "trainer/evaluation/recognizer.h"
#include "trainer/evaluation/word_errors.h"

namespace m2tts {

struct EvalItem {
  std::string id;
  std::string text;                 // what was said: its words are the reference of word errors
  std::filesystem::path recording;  // any rate
  std::string where;                // file and line of the text, for messages; empty where unknown
  std::string speaker;              // empty where the corpus names none

  // "data/metadata.csv:7: sentence 'b'".
  std::string Describe() const;
};

// The first `limit` (0 = all) sentences of a corpus in any layout of data/dataset.h, whose errors these are.
// With `speaker`, where the layout names speakers, those of that one: INVALID_ARGUMENT lists them when there
// are none.
StatusOr<std::vector<EvalItem>> ReadEvalItems(const std::filesystem::path& corpus_dir, int limit,
                                              const std::string& speaker = "");

// stage: "recordings", "synthesis" or "recognition". From one thread at a time.
using EvalProgressFn = std::function<void(const std::string& stage, size_t done, size_t total)>;

// Reads every recording, one after the other: an error names, in a line each, those that are damaged, missing
// or without sound, 20 at most. `progress` may be null.
Status CheckRecordings(const std::vector<EvalItem>& items, const AudioConfig& audio,
                       const EvalProgressFn& progress = nullptr);

// Mono samples at EvalOptions::audio.sample_rate, of the text; `recording` has the same rate.
using SpeakFn =
    std::function<StatusOr<std::vector<float>>(const std::string& text, const std::vector<float>& recording)>;

struct EvalSystem {
  std::string name;
  SpeakFn speak;
  bool aligned = false;  // speaks in time with the recording, as copy-synthesis does: STOI can be told
};

struct EvalOptions {
  AudioConfig audio;  // of the voices
  // Off: no recognizer is run and no word errors are reported.
  bool recognize = true;
  RecognizerOptions recognizer;
  BootstrapOptions bootstrap;
  MosPredictor* mos = nullptr;  // null: no predicted opinions
  // The words that are heard of a text or of what a recognizer has printed: "nineteen ninety nine" of "1999".
  // Null: the words as written. Where it gives an error or no word, they count too.
  std::function<StatusOr<std::string>(const std::string&)> spoken_words;
};

// One sentence of one system.
struct EvalSentence {
  AcousticDistance acoustic;
  std::optional<double> stoi;
  std::optional<double> mos;
  std::string heard;
  WordErrors errors;
};

struct SystemReport {
  std::string name;
  bool aligned = false;                 // as EvalSystem::aligned
  std::vector<EvalSentence> sentences;  // as EvalReport::items
  double mcd_db = 0;                    // these are means over sentences
  double mel_distance_db = 0;
  double duration_error = 0;           // of |voice - recording| / recording
  PitchDistance pitch;                 // over all frame pairs
  std::optional<double> mos_estimate;  // ViSQOL
  std::optional<double> stoi;          // where the system is aligned
  std::optional<double> mos;           // of the predictor
  WordErrors errors;                   // where recognized
  Interval difference;                 // of word error rates to the recordings, 95 %
};

struct EvalReport {
  std::vector<EvalItem> items;
  bool recognized = false;
  SystemReport recordings;  // only words, opinions and what was heard
  std::vector<SystemReport> systems;
};

// All recordings are checked first. Then it fails at the first sentence that cannot be synthesized or
// measured, naming system and sentence. INVALID_ARGUMENT when two systems have the same name.
// Temporary WAV files take ~150 KB a sentence and system and are removed. `progress` may be null.
StatusOr<EvalReport> CompareSystems(const std::vector<EvalItem>& items,
                                    const std::vector<EvalSystem>& systems, const EvalOptions& options,
                                    const EvalProgressFn& progress = nullptr);

}  // namespace m2tts
