#include "core/model/length_regulator.h"

#include <algorithm>
#include <cmath>

namespace m2tts {
namespace {

// The frames of a batch, numbered, and the phoneme of each.
struct FrameMap {
  torch::Tensor ends;     // int64 [B, T]: the frame behind each phoneme
  torch::Tensor lengths;  // int64 [B]
  torch::Tensor steps;    // int64 [B, F]: 0, 1, 2, ...
  torch::Tensor phoneme;  // int64 [B, F]
};

FrameMap MapFrames(const torch::Tensor& durations, int64_t frames) {
  FrameMap map;
  map.ends = durations.cumsum(1);
  map.lengths = map.ends.select(1, map.ends.size(1) - 1);
  const int64_t batch = durations.size(0);
  if (frames == 0) frames = map.lengths.max().item<int64_t>();
  map.steps = torch::arange(frames, durations.options()).unsqueeze(0).expand({batch, frames}).contiguous();
  // The phoneme of frame f is the first whose end lies beyond f.
  map.phoneme =
      torch::searchsorted(map.ends.contiguous(), map.steps, false, true).clamp_max(map.ends.size(1) - 1);
  return map;
}

}  // namespace

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
  const auto length = durations.gather(1, map.phoneme).clamp_min(1);
  const auto since = (map.steps - (end - length)).to(torch::kFloat32);
  const auto until = (end - 1 - map.steps).clamp_min(0).to(torch::kFloat32);
  const auto fraction = (since + 0.5) / length.to(torch::kFloat32);
  const auto valid = (map.steps < map.lengths.unsqueeze(1)).to(torch::kFloat32).unsqueeze(2);

  Expanded expanded;
  const auto rows = map.phoneme.unsqueeze(2).expand({-1, -1, encoded.size(2)});
  expanded.hidden = encoded.gather(1, rows) * valid;
  expanded.position =
      torch::stack({fraction, torch::log1p(since.clamp_min(0)), torch::log1p(until)}, 2) * valid;
  expanded.lengths = map.lengths;
  return expanded;
}

torch::Tensor InterpolateValues(const torch::Tensor& values, const torch::Tensor& durations, int64_t frames) {
  const FrameMap map = MapFrames(durations, frames);
  const auto middles = map.ends.to(torch::kFloat32) - 0.5 * durations.to(torch::kFloat32);
  const auto time = map.steps.to(torch::kFloat32) + 0.5;
  const auto before = map.phoneme - (time < middles.gather(1, map.phoneme)).to(torch::kInt64);
  const auto left = before.clamp_min(0);
  const auto next = (before + 1).clamp_max(durations.size(1) - 1);
  const auto right = torch::where(durations.gather(1, next) > 0, next, left);
  const auto from = middles.gather(1, left), to = middles.gather(1, right);
  const auto share = ((time - from) / (to - from).clamp_min(0.5)).clamp(0, 1);
  const auto valid = (map.steps < map.lengths.unsqueeze(1)).to(torch::kFloat32);
  return torch::lerp(values.gather(1, left), values.gather(1, right), share) * valid;
}

}  // namespace m2tts
