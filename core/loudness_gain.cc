#include "core/loudness_gain.h"

#include <cmath>

#include "core/audio/loudness.h"
#include "core/sentence_batch.h"
#include "core/synthesizer.h"

namespace m2tts {
namespace {

constexpr size_t kMaxMeasured = 1024;  // a client could ask for any number of mixtures

}  // namespace

StatusOr<double> LoudnessGain::For(const SynthesisControls& controls, Synthesizer* synthesizer) {
  if (!controls.loudness.has_value()) return 1.0;
  M2TTS_ASSIGN_OR_RETURN(const double measured, Measure(controls, synthesizer));
  return std::pow(10.0, (*controls.loudness - measured) / 20.0);
}

StatusOr<double> LoudnessGain::Measure(const SynthesisControls& controls, Synthesizer* synthesizer) {
  const std::vector<double> key =
      SpeakerWeights(controls, static_cast<int>(synthesizer->manifest().speakers.size()));
  {
    MutexLock lock(&mutex_);
    const auto found = measured_.find(key);
    if (found != measured_.end()) return found->second;
  }
  SynthesisControls plain;
  plain.speaker = controls.speaker;
  plain.mix = controls.mix;
  M2TTS_ASSIGN_OR_RETURN(const std::vector<float> wave,
                         SynthesizeSentence(synthesizer, LoudnessSentence(), plain));
  // INVALID_ARGUMENT for a voice without sound: no gain would give it one.
  M2TTS_ASSIGN_OR_RETURN(const double loudness, IntegratedLoudness(wave, synthesizer->sample_rate()));
  MutexLock lock(&mutex_);
  if (measured_.size() >= kMaxMeasured) measured_.clear();
  measured_[key] = loudness;
  return loudness;
}

}  // namespace m2tts
