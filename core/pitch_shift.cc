#include "core/pitch_shift.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace m2tts {
namespace {

constexpr double kModelSemitones = 3.0;

}  // namespace

StatusOr<PitchShift> PitchShift::Create(double semitones, int sample_rate, bool model_follows) {
  const double model = model_follows ? std::clamp(semitones, -kModelSemitones, kModelSemitones) : 0.0;
  const auto from = static_cast<int>(std::lround(sample_rate * std::exp2((semitones - model) / 12.0)));
  PitchShift shift(model, from, sample_rate);
  if (from != sample_rate) {
    M2TTS_ASSIGN_OR_RETURN(shift.resampler_, Resampler::Create(from, sample_rate));
  }
  return shift;
}

StatusOr<std::vector<float>> PitchShift::Play(std::vector<float> samples, bool last) {
  if (resampler_ == nullptr) return samples;
  M2TTS_ASSIGN_OR_RETURN(std::vector<float> played, resampler_->Process(std::move(samples)));
  if (last) {
    M2TTS_ASSIGN_OR_RETURN(const std::vector<float> tail, resampler_->Finish());
    played.insert(played.end(), tail.begin(), tail.end());
  }
  return played;
}

}  // namespace m2tts
