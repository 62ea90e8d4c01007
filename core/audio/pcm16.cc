#include "core/audio/pcm16.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace m2tts {
namespace {

// All loops here are without a branch, and compare floats by their bits as integers, which are in the same
// order for what is not negative: so they become vector code without -ffast-math.
constexpr uint32_t kSign = 0x80000000;
constexpr float kScale = 32768.0f;
constexpr int32_t kScaleBits = 0x47000000;  // of 32768.0f

// Added to a small number, leaves it rounded (half to even, as the processor rounds) in the low bits of the
// mantissa: 1.5 * 2^23.
constexpr float kRounder = 12582912.0f;
constexpr int32_t kRounderBits = 0x4B400000;

template <typename To, typename From>
To BitsAs(From value) {
  static_assert(sizeof(To) == sizeof(From), "the same bits");
  To result;
  std::memcpy(&result, &value, sizeof(result));
  return result;
}

int16_t ToPcm(float sample) {
  const auto bits = BitsAs<uint32_t>(sample * kScale);
  // Clamped before the conversion, which is undefined for values that do not fit.
  const int32_t magnitude = std::min(static_cast<int32_t>(bits & ~kSign), kScaleBits);
  const auto clamped = BitsAs<float>(static_cast<uint32_t>(magnitude) | (bits & kSign));
  return static_cast<int16_t>(std::min(BitsAs<int32_t>(clamped + kRounder) - kRounderBits, 32767));
}

}  // namespace

float Peak(const float* samples, size_t count) {
  int32_t peak = 0;
  for (size_t i = 0; i < count; ++i) {
    peak = std::max(peak, static_cast<int32_t>(BitsAs<uint32_t>(samples[i]) & ~kSign));
  }
  return BitsAs<float>(peak);
}

Status CheckFinite(const float* samples, size_t count) {
  if (std::isfinite(Peak(samples, count))) return OkStatus();
  const float* const bad =
      std::find_if_not(samples, samples + count, [](float sample) { return std::isfinite(sample); });
  return InvalidArgument("audio: sample {} is not a finite number", bad - samples);
}

StatusOr<std::vector<int16_t>> ToPcm16(const float* samples, size_t count) {
  M2TTS_RETURN_IF_ERROR(CheckFinite(samples, count));
  std::vector<int16_t> result(count);
  int16_t* const pcm = result.data();
  for (size_t i = 0; i < count; ++i) pcm[i] = ToPcm(samples[i]);
  return result;
}

}  // namespace m2tts
