#include "core/audio/pcm16.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace m2tts {
namespace {

// Added to a small number, leaves it rounded (half to even, as the processor rounds) in the low bits of the
// mantissa: 1.5 * 2^23. Unlike lrintf, which may set errno, this becomes vector code.
constexpr float kRounder = 12582912.0f;
constexpr int32_t kRounderBits = 0x4B400000;

int16_t Round(float value) {
  const float sum = value + kRounder;
  int32_t bits;
  std::memcpy(&bits, &sum, sizeof(bits));
  return static_cast<int16_t>(bits - kRounderBits);
}

}  // namespace

Status CheckFinite(const float* samples, size_t count) {
  constexpr uint32_t kSign = 0x80000000, kInfinity = 0x7F800000;
  bool wrong = false;
  for (size_t i = 0; i < count; ++i) {
    uint32_t bits;
    std::memcpy(&bits, &samples[i], sizeof(bits));
    wrong |= (bits & ~kSign) >= kInfinity;  // without a branch, for vector code
  }
  if (!wrong) return OkStatus();
  const float* const bad =
      std::find_if_not(samples, samples + count, [](float sample) { return std::isfinite(sample); });
  return InvalidArgument("audio: sample {} is not a finite number", bad - samples);
}

StatusOr<std::vector<int16_t>> ToPcm16(const float* samples, size_t count) {
  M2TTS_RETURN_IF_ERROR(CheckFinite(samples, count));
  std::vector<int16_t> result(count);
  for (size_t i = 0; i < count; ++i) {
    // Clamped before the conversion, which is undefined for values that do not fit.
    result[i] = Round(std::min(std::max(samples[i] * 32768.0f, -32768.0f), 32767.0f));
  }
  return result;
}

}  // namespace m2tts
