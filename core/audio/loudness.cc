#include "core/audio/loudness.h"

#include <ebur128.h>

#include <cmath>
#include <memory>

namespace m2tts {
namespace {

struct StateCloser {
  void operator()(ebur128_state* state) const { ebur128_destroy(&state); }
};

}  // namespace

StatusOr<double> IntegratedLoudness(const std::vector<float>& samples, int sample_rate) {
  constexpr double kBlockSeconds = 0.4;
  if (sample_rate <= 0 || static_cast<double>(samples.size()) < kBlockSeconds * sample_rate) {
    return InvalidArgument("loudness: {} samples at {} Hz are less than {} s", samples.size(), sample_rate,
                           kBlockSeconds);
  }
  const std::unique_ptr<ebur128_state, StateCloser> state(
      ebur128_init(1, static_cast<unsigned long>(sample_rate), EBUR128_MODE_I));
  if (state == nullptr) return InvalidArgument("loudness: {} Hz is not possible", sample_rate);
  // BS.1770 counts one channel as it is; the same sound from two loudspeakers would be 3 LU louder.
  double loudness = 0.0;
  if (ebur128_add_frames_float(state.get(), samples.data(), samples.size()) != EBUR128_SUCCESS ||
      ebur128_loudness_global(state.get(), &loudness) != EBUR128_SUCCESS) {
    return Internal("loudness: libebur128 failed");
  }
  if (!std::isfinite(loudness)) return InvalidArgument("loudness: the audio is silent");
  return loudness;
}

}  // namespace m2tts
