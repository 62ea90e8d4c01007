#include "core/audio/pcm16.h"

#include <algorithm>
#include <cmath>

namespace m2tts {

StatusOr<std::vector<int16_t>> ToPcm16(const float* samples, size_t count) {
  std::vector<int16_t> result(count);
  for (size_t i = 0; i < count; ++i) {
    if (!std::isfinite(samples[i])) return InvalidArgument("audio: sample {} is not a finite number", i);
    // Clamped before the conversion, which is undefined for values that do not fit.
    const float scaled = std::clamp(samples[i] * 32768.0f, -32768.0f, 32767.0f);
    result[i] = static_cast<int16_t>(std::lrintf(scaled));
  }
  return result;
}

}  // namespace m2tts
