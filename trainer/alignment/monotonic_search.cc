#include "trainer/alignment/monotonic_search.h"

#include <limits>

namespace m2tts {

std::vector<int64_t> MonotonicSearch(const torch::Tensor& scores) {
  const int64_t frames = scores.size(0), phonemes = scores.size(1);
  TORCH_CHECK(frames >= phonemes && phonemes > 0, "alignment of ", phonemes, " phonemes to ", frames,
              " frames");
  const auto likelihood = scores.accessor<float, 2>();
  constexpr double kNever = -std::numeric_limits<double>::infinity();
  std::vector<double> best(phonemes, kNever);
  std::vector<char> advanced(frames * phonemes, 0);  // whether frame f is the first of phoneme t
  best[0] = likelihood[0][0];
  for (int64_t f = 1; f < frames; ++f) {
    for (int64_t t = std::min(f, phonemes - 1); t >= 0; --t) {
      const double stay = best[t];
      const double enter = t > 0 ? best[t - 1] : kNever;
      advanced[f * phonemes + t] = enter > stay;
      best[t] = std::max(stay, enter) + likelihood[f][t];
    }
  }
  std::vector<int64_t> durations(phonemes, 0);
  int64_t t = phonemes - 1;
  for (int64_t f = frames - 1; f >= 0; --f) {
    ++durations[t];
    if (f > 0 && advanced[f * phonemes + t]) --t;
  }
  return durations;
}

}  // namespace m2tts
