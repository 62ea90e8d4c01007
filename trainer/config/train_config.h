// What `m2tts-trainer train CONFIG` reads: corpus, audio, model and the three stages.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/audio/audio_config.h"
#include "core/base/status.h"
#include "core/device/levels.h"
#include "core/model/model_config.h"

namespace m2tts {

// One corpus of a run that has several.
struct DataSource {
  std::string root;      // as DataConfig::root
  std::string speaker;   // one of TrainConfig::speakers; empty: the layout names the speaker of each clip
  std::string align_by;  // run or voice by which the clips are aligned, or "labels": label files; empty: by
                         // what is learned from the clips
  int repeat = 1;        // times that a clip is seen in an epoch
  int limit = 0;         // use only the first N utterances; 0 = all
};

struct DataConfig {
  std::string root;                  // folder of a corpus, see data/dataset.h for the layouts
  std::vector<DataSource> sources;   // in place of root: several corpora
  std::string cache = "data/cache";  // features by content hash; may be shared and deleted
  double cache_gigabytes = 50;       // features that were not used for longest go beyond this
  int validation = 48;               // utterances of each corpus held out, chosen by hash of their id
  double min_seconds = 0.3;          // shorter and longer clips are left out, with a count
  double max_seconds = 14.0;
  // Pauses that no punctuation asks for are marked as pauses where they are heard, and the voice pauses
  // where phrases end.
  bool phrase_breaks = false;
  std::optional<double> loudness;  // LUFS to which each clip is brought; absent: as recorded
  int limit = 0;                   // use only the first N utterances; 0 = all
};

// One stage of training: aligner, acoustic model or vocoder.
struct StageConfig {
  int64_t steps = 1000;
  double learning_rate = 1e-3;  // peak; linear warm-up, then cosine to final_ratio of it
  int64_t warmup_steps = 100;
  double final_ratio = 0.02;
  double weight_decay = 0.01;
  double gradient_clip = 1.0;      // global norm; 0 = off
  double ema_decay = 0.999;        // of the averaged weights that are exported; 0 = off
  int64_t validate_every = 500;    // steps
  int64_t checkpoint_every = 500;  // steps
  int64_t samples_every = 2000;    // steps between pictures and sounds of held-out clips; 0 = none
  int keep_checkpoints = 2;        // the last N, besides the best
  // Names of the parameters that learn, or parts of names; empty: all. The others stay as `init_from` gave
  // them.
  std::vector<std::string> trainable;
  int64_t milestone_every = 0;  // steps between checkpoints that are kept for good; 0 = none
  int64_t log_every = 20;       // steps between lines of log.jsonl
  int accumulate = 1;           // batches whose gradients make one step
  // Acoustic and vocoder: fp32, bf16 or fp16 where the device has it (core/device/autocast.h).
  std::string precision = "fp32";
  bool recompute = false;  // acoustic and vocoder: gradient checkpointing, less memory for more time
  // Aligner and acoustic: padded frames in a batch (more = faster, more memory).
  int frames_per_batch = 3000;
  // Vocoder: a batch is this many random segments.
  int segments_per_batch = 16;
  int segment_frames = 40;
  // Vocoder: a run or voice whose acoustic model makes the mels of this share of the segments; the
  // others are the recordings' own. Empty: all are.
  std::string predicted_by;
  double predicted_share = 0.5;
};

struct AcousticLossConfig {
  double duration_weight = 0.1;
  double pitch_weight = 0.1;
  double energy_weight = 0.1;    // with model.energy
  double cepstral_weight = 0.0;  // of the distance of mel cepstra, beside the L1 of mels
  // A discriminator of mel patches, against over-smoothing.
  int64_t adversarial_from = -1;       // step at which it joins; -1 = never
  int64_t discriminator_warmup = 200;  // steps it learns alone before the model listens
  double adversarial_weight = 0.05;
  double feature_weight = 0.2;
  double discriminator_learning_rate = 2e-4;
  int discriminator_channels = 16;
  int patch_frames = 64;  // of each clip in a step
};

struct VocoderLossConfig {
  double mel_weight = 1.0;             // L1 of log-mel
  double stft_weight = 1.0;            // multi-resolution STFT
  double cepstral_weight = 0.0;        // distance of mel cepstra
  int64_t adversarial_from = -1;       // step at which discriminators join; -1 = never
  int64_t discriminator_warmup = 200;  // steps they learn alone before the vocoder listens
  double adversarial_weight = 0.1;
  double feature_weight = 0.2;
  double discriminator_learning_rate = 2e-4;
  int discriminator_channels = 16;
};

// A phase of progressive training: the acoustic model before it grows to its full sizes.
struct GrowthPhase {
  int64_t steps = 1000;
  ModelConfig model;  // smaller in hidden, heads, layers, ffn_multiplier or predictor_hidden
};

// INVALID_ARGUMENT when an acoustic model of the sizes `from` cannot grow to `to` without a change of what it
// computes: widths grow to multiples, layers are added, the rest stays.
Status CheckGrowth(const ModelConfig& from, const ModelConfig& to);

// What the machine's heat and memory do to a run; see core/device/levels.h.
struct ProtectionConfig {
  bool enabled = true;
  double sample_seconds = 1.0;                      // between readings
  std::optional<Level> pause_at = Level::kSerious;  // pause between steps until it is below; nullopt = never
  std::optional<Level> stop_at = Level::kCritical;  // checkpoint and stop; nullopt = never
  std::string sensors;                              // file in place of the machine's sensors
  LevelOptions levels;
};

struct TrainConfig {
  std::string name = "voice";
  std::string language = "en-US";
  std::vector<std::string> speakers = {"default"};  // in the order of the model's embedding
  std::string description;
  std::string licence;
  uint64_t seed = 1;
  int threads = 0;             // 0 = physical cores
  std::string device = "cpu";  // cpu, cuda, mps, or auto: the best that is there
  std::string init_from;       // run or voice whose weights the stages start from; empty: random
  DataConfig data;             // sources is never empty: root becomes one
  AudioConfig audio;
  ModelConfig model;
  StageConfig aligner;
  StageConfig acoustic;
  StageConfig vocoder;
  std::vector<GrowthPhase> progressive;  // of the acoustic model, before the stage `acoustic`
  AcousticLossConfig acoustic_loss;
  VocoderLossConfig vocoder_loss;
  ProtectionConfig protection;
  std::string source_text;  // the YAML as read, kept in provenance
};

// Strict: an unknown key, wrong type or value out of range is an error with its line, and so are values that
// do not fit together and text that is not UTF-8. docs/training.md lists the keys.
// Relative paths stay relative to the working directory.
StatusOr<TrainConfig> LoadTrainConfig(const std::filesystem::path& path);
StatusOr<TrainConfig> ParseTrainConfig(const std::string& text, const std::string& source);

}  // namespace m2tts
