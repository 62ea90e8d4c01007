#include "server/synthesis/sentence_controls.h"

#include <algorithm>

#include "core/synthesizer.h"

namespace m2tts {

SynthesisControls ControlsFor(const SynthesisRequest& request, const Prosody& prosody) {
  SynthesisControls controls;
  controls.speaker = request.speaker;
  controls.speed = std::clamp(request.speed * prosody.rate, 0.25, 4.0);
  controls.pitch = std::clamp(request.pitch + prosody.pitch, -12.0, 12.0);
  controls.volume = std::clamp(request.volume * prosody.volume, 0.0, 4.0);
  controls.mix = request.mix;
  controls.variation = request.variation;
  controls.seed = request.seed;
  controls.loudness = request.loudness;
  return controls;
}

double PauseSecondsAfter(const Sentence& sentence, const SynthesisRequest& request, double speed) {
  if (sentence.pause_after.has_value()) return request.pause_scale * *sentence.pause_after;
  const std::optional<double>& exact =
      sentence.ends_paragraph ? request.paragraph_pause : request.sentence_pause;
  return exact.has_value() ? *exact : request.pause_scale * PauseAfter(sentence) / speed;
}

}  // namespace m2tts
