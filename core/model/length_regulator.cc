#include "core/model/length_regulator.h"

#include <algorithm>
#include <cmath>

namespace m2tts {
namespace {

// The frames of a batch, numbered, and the phoneme of each.
struct FrameMap {
  torch::Tensor durations;  // float32 [B, T]
  torch::Tensor ends;       // float32 [B, T]: where each phoneme ends, in frames
  torch::Tensor lengths;    // int64 [B]
  torch::Tensor steps;      // float32 [B, F]: 0, 1, 2, ...
  torch::Tensor phoneme;    // int64 [B, F]
  torch::Tensor valid;      // float32 [B, F]: 1 where a frame lies within the length
};

FrameMap MapFrames(const torch::Tensor& durations, int64_t frames) {
  FrameMap map;
  map.durations = durations.to(torch::kFloat32);
  map.ends = map.durations.cumsum(1).contiguous();
  map.lengths = (map.ends.select(1, map.ends.size(1) - 1) + 0.5).floor().to(torch::kInt64);
  const int64_t batch = durations.size(0);
  if (frames == 0) frames = map.lengths.max().item<int64_t>();
  map.steps = torch::arange(frames, map.ends.options()).unsqueeze(0).expand({batch, frames}).contiguous();
  // The phoneme of frame f is the first that does not end before the frame's middle.
  map.phoneme = torch::searchsorted(map.ends, map.steps + 0.5).clamp_max(map.ends.size(1) - 1);
  map.valid = (map.steps < map.lengths.unsqueeze(1)).to(torch::kFloat32);
  return map;
}

}  // namespace

std::vector<double> FitDurations(const std::vector<double>& durations) {
  std::vector<double> frames;
  frames.reserve(durations.size());
  double exact = 0.0, given = 0.0;
  for (const double duration : durations) {
    exact += duration;
    frames.push_back(std::max(1.0, exact - given));
    given += frames.back();
  }
  if (!frames.empty()) frames.back() += std::round(given) - given;
  return frames;
}

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

Expanded RegulateLength(const torch::Tensor& encoded, const torch::Tensor& durations, int64_t frames) {
  const FrameMap map = MapFrames(durations, frames);
  const auto end = map.ends.gather(1, map.phoneme);
  const auto length = map.durations.gather(1, map.phoneme).clamp_min(0.5);
  // From the middle of the frame to the ends of the phoneme, less what is least in whole frames.
  const auto since = (map.steps - (end - length)).clamp_min(-0.5);
  const auto until = (end - 1 - map.steps).clamp_min(-0.5);
  const auto fraction = (since + 0.5) / length;
  const auto valid = map.valid.unsqueeze(2);

  Expanded expanded;
  const auto rows = map.phoneme.unsqueeze(2).expand({-1, -1, encoded.size(2)});
  expanded.hidden = encoded.gather(1, rows) * valid;
  expanded.position = torch::stack({fraction, torch::log1p(since), torch::log1p(until)}, 2) * valid;
  expanded.lengths = map.lengths;
  return expanded;
}

torch::Tensor InterpolateValues(const torch::Tensor& values, const torch::Tensor& durations, int64_t frames) {
  const FrameMap map = MapFrames(durations, frames);
  const auto middles = map.ends - 0.5 * map.durations;
  const auto time = map.steps + 0.5;
  const auto before = map.phoneme - (time < middles.gather(1, map.phoneme)).to(torch::kInt64);
  const auto left = before.clamp_min(0);
  const auto next = (before + 1).clamp_max(map.ends.size(1) - 1);
  const auto right = torch::where(map.durations.gather(1, next) > 0, next, left);
  const auto from = middles.gather(1, left), to = middles.gather(1, right);
  const auto share = ((time - from) / (to - from).clamp_min(0.5)).clamp(0, 1);
  return torch::lerp(values.gather(1, left), values.gather(1, right), share) * map.valid;
}

}  // namespace m2tts
