#include "core/synthesis_controls.h"

#include <cmath>

namespace m2tts {
namespace {

Status CheckRange(const char* field, double value, double min, double max) {
  if (value >= min && value <= max) return OkStatus();  // false for NaN
  return InvalidArgument("{}: {} is outside [{}, {}]", field, value, min, max);
}

Status CheckSpeaker(int speaker, int speaker_count) {
  if (speaker >= 0 && speaker < speaker_count) return OkStatus();
  return InvalidArgument("speaker: {} is outside [0, {}]", speaker, speaker_count - 1);
}

}  // namespace

Status SynthesisControls::Validate(int speaker_count) const {
  M2TTS_RETURN_IF_ERROR(CheckSpeaker(speaker, speaker_count));
  for (const SpeakerShare& share : mix) {
    M2TTS_RETURN_IF_ERROR(CheckSpeaker(share.speaker, speaker_count));
    if (!std::isfinite(share.weight) || share.weight <= 0.0) {
      return InvalidArgument("mix: the weight {} is not above 0", share.weight);
    }
  }
  M2TTS_RETURN_IF_ERROR(CheckRange("speed", speed, 0.25, 4.0));
  M2TTS_RETURN_IF_ERROR(CheckRange("pitch", pitch, -12.0, 12.0));
  M2TTS_RETURN_IF_ERROR(CheckRange("volume", volume, 0.0, 4.0));
  M2TTS_RETURN_IF_ERROR(CheckRange("variation", variation, 0.0, 1.0));
  return loudness.has_value() ? CheckRange("loudness", *loudness, -40.0, -10.0) : OkStatus();
}

std::vector<double> SpeakerWeights(const SynthesisControls& controls, int speaker_count) {
  std::vector<double> weights(static_cast<size_t>(speaker_count), 0.0);
  if (controls.mix.empty()) {
    weights[static_cast<size_t>(controls.speaker)] = 1.0;
    return weights;
  }
  double sum = 0.0;
  for (const SpeakerShare& share : controls.mix) sum += share.weight;
  for (const SpeakerShare& share : controls.mix) {
    weights[static_cast<size_t>(share.speaker)] += share.weight / sum;
  }
  return weights;
}

}  // namespace m2tts
