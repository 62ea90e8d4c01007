// How a sentence is to be spoken.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/status.h"

namespace m2tts {

// A share of one speaker in a mixed voice.
struct SpeakerShare {
  int speaker = 0;      // index into the voice's speakers
  double weight = 0.0;  // above 0; only the ratios of the weights count
};
inline bool operator<(const SpeakerShare& a, const SpeakerShare& b) {
  return a.speaker != b.speaker ? a.speaker < b.speaker : a.weight < b.weight;
}

struct SynthesisControls {
  int speaker = 0;      // index into the voice's speakers
  double speed = 1.0;   // 0.25 to 4; 2 = twice as fast
  double pitch = 0.0;   // semitones, -12 to 12
  double volume = 1.0;  // linear gain, 0 to 4, with a soft limiter above full scale
  // Not empty: a mixture of these speakers (of embeddings, mean spectra and ranges of pitch) speaks instead.
  std::vector<SpeakerShare> mix = {};
  // How much pitch and durations vary at random, 0 to 1; equal seeds vary alike (core/variation.h).
  double variation = 0.0;
  uint64_t seed = 0;
  // Loudness of the voice in LUFS, -40 to -10, on top of which `volume` works; absent: as it was trained
  // (core/loudness_gain.h).
  std::optional<double> loudness = {};

  // INVALID_ARGUMENT naming the field and its range.
  Status Validate(int speaker_count) const;
};

// The share of each of `speaker_count` speakers; sums to 1. The controls are valid.
std::vector<double> SpeakerWeights(const SynthesisControls& controls, int speaker_count);

}  // namespace m2tts
