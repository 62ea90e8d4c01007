#include "core/model/length_regulator.h"

#include <algorithm>
#include <cmath>

namespace m2tts {

std::vector<int64_t> RoundDurations(const std::vector<double>& durations) {
  std::vector<int64_t> frames;
  frames.reserve(durations.size());
  double exact = 0.0;
  int64_t given = 0;
  for (const double duration : durations) {
    exact += duration;
    const int64_t next = std::max<int64_t>(1, std::llround(exact) - given);
    frames.push_back(next);
    given += next;
  }
  return frames;
}

Expanded RegulateLength(const torch::Tensor& encoded, const torch::Tensor& durations) {
  const int64_t batch = encoded.size(0), hidden = encoded.size(2);
  const auto ends = durations.cumsum(1);                  // [B, T]
  const auto lengths = ends.select(1, ends.size(1) - 1);  // [B]
  const int64_t frames = lengths.max().item<int64_t>();
  const auto steps =
      torch::arange(frames, durations.options()).unsqueeze(0).expand({batch, frames}).contiguous();
  // The phoneme of frame f is the first whose end lies beyond f.
  const auto phoneme = torch::searchsorted(ends.contiguous(), steps, false, true).clamp_max(ends.size(1) - 1);

  const auto end = ends.gather(1, phoneme);
  const auto length = durations.gather(1, phoneme).clamp_min(1);
  const auto since = (steps - (end - length)).to(torch::kFloat32);
  const auto until = (end - 1 - steps).clamp_min(0).to(torch::kFloat32);
  const auto fraction = (since + 0.5) / length.to(torch::kFloat32);
  const auto valid = (steps < lengths.unsqueeze(1)).to(torch::kFloat32).unsqueeze(2);

  Expanded expanded;
  expanded.hidden = encoded.gather(1, phoneme.unsqueeze(2).expand({batch, frames, hidden})) * valid;
  expanded.position =
      torch::stack({fraction, torch::log1p(since.clamp_min(0)), torch::log1p(until)}, 2) * valid;
  expanded.lengths = lengths;
  return expanded;
}

}  // namespace m2tts
