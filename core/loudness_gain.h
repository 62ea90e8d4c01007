// The gain that brings a voice to a loudness, without looking at the audio that is to come.
//
// Streaming leaves no time to measure a whole answer, and a gain that moves would pump. So each
// speaker (or mixture) speaks one fixed sentence when a loudness is first asked of it; that is
// measured (ITU-R BS.1770-4), kept, and the gain is the same for everything that it says. The
// loudness of an answer follows from its text within about 1 LU; the limiter comes after the gain.
//
// Belongs to a Synthesizer; any of the threads that may use that one.
#pragma once

#include <map>
#include <vector>

#include "core/base/mutex.h"
#include "core/base/status.h"
#include "core/synthesis_controls.h"

namespace m2tts {

class Synthesizer;

class LoudnessGain {
 public:
  // The linear gain for `controls`, which are valid; 1 when they ask for no loudness. Speaks with
  // `synthesizer` the first time.
  StatusOr<double> For(const SynthesisControls& controls, Synthesizer* synthesizer);

 private:
  StatusOr<double> Measure(const SynthesisControls& controls, Synthesizer* synthesizer);

  Mutex mutex_;
  std::map<std::vector<double>, double> measured_ ABSL_GUARDED_BY(mutex_);  // shares of the speakers -> LUFS
};

}  // namespace m2tts
