#include "trainer/check/speaking_time.h"

#include <algorithm>

#include "trainer/check/statistics.h"

namespace m2tts {

SpeakingTime FitSpeakingTime(std::vector<std::pair<int, double>> clips) {
  constexpr size_t kMinClips = 8;
  if (clips.size() < kMinClips) return {};
  std::sort(clips.begin(), clips.end());
  const size_t half = clips.size() / 2;
  std::vector<double> slopes, rests;
  for (size_t i = 0; i + half < clips.size(); ++i) {
    const auto& [low, low_seconds] = clips[i];
    const auto& [high, high_seconds] = clips[i + half];
    if (high > low) slopes.push_back((high_seconds - low_seconds) / (high - low));
  }
  SpeakingTime time;
  time.per_phoneme = std::max(0.0, Describe(std::move(slopes)).median);
  for (const auto& [phonemes, seconds] : clips) rests.push_back(seconds - time.per_phoneme * phonemes);
  time.fixed = std::max(0.0, Describe(std::move(rests)).median);
  return time;
}

}  // namespace m2tts
