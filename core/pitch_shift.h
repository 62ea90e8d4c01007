// Pitch beyond what a voice has learnt. Its networks follow a shift as far as the speaker's own voice went in
// training, and no further (the shipped ones 3 semitones); the rest is made by playing the audio faster or
// slower, of sounds that are spoken longer or shorter by as much. That keeps the tempo, and moves the timbre
// with the pitch, as with a smaller or larger speaker.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/audio/resampler.h"
#include "core/base/status.h"

namespace m2tts {

class PitchShift {
 public:
  // A shift of `semitones`, -12 to 12, at `sample_rate` Hz. model_follows: a voice without a pitch predictor
  // does not, and all of the shift is made of its audio.
  static StatusOr<PitchShift> Create(double semitones, int sample_rate, bool model_follows = true);

  // What the model is asked for.
  double model_semitones() const { return model_semitones_; }
  // By which all durations are to be multiplied.
  double stretch() const { return static_cast<double>(from_) / to_; }
  // Samples of audio that so many samples of the model become.
  int64_t SamplesOf(int64_t model_samples) const { return (2 * model_samples * to_ + from_) / (2 * from_); }
  // Whether Play depends on what was played before.
  bool remembers() const { return resampler_ != nullptr; }
  // The model's samples in their order, a piece at a time; at the `last` they have become SamplesOf(all).
  StatusOr<std::vector<float>> Play(std::vector<float> samples, bool last);

 private:
  PitchShift(double model_semitones, int from, int to)
      : model_semitones_(model_semitones), from_(from), to_(to) {}

  double model_semitones_;
  int64_t from_, to_;                     // Hz
  std::unique_ptr<Resampler> resampler_;  // none when nothing is left to do
};

}  // namespace m2tts
