#include "trainer/evaluation/silence.h"

#include <algorithm>
#include <cmath>

namespace m2tts {

std::vector<float> TrimSilence(const std::vector<float>& wave, const TrimOptions& options) {
  const size_t frame = options.frame;
  std::vector<double> power;
  for (size_t begin = 0; begin < wave.size(); begin += frame) {
    const size_t end = std::min(begin + frame, wave.size());
    double sum = 0;
    for (size_t i = begin; i < end; ++i) sum += static_cast<double>(wave[i]) * wave[i];
    power.push_back(sum / static_cast<double>(end - begin));
  }
  const double peak = power.empty() ? 0.0 : *std::max_element(power.begin(), power.end());
  if (peak <= 0.0) return {};
  const double threshold = peak * std::pow(10.0, options.threshold_db / 10.0);
  const auto loud = [threshold](double p) { return p >= threshold; };
  const size_t first = std::find_if(power.begin(), power.end(), loud) - power.begin();
  const size_t last = power.rend() - std::find_if(power.rbegin(), power.rend(), loud);
  return {wave.begin() + static_cast<ptrdiff_t>(first * frame),
          wave.begin() + static_cast<ptrdiff_t>(std::min(last * frame, wave.size()))};
}

}  // namespace m2tts
