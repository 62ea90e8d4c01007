#include "trainer/check/audio_measure.h"

#include <algorithm>
#include <cmath>

#include "core/base/sha256.h"

namespace m2tts {
namespace {

constexpr int kBlocksPerSecond = 100;
constexpr double kSilencePower = 3.16e-5;  // -45 dB
constexpr double kSilentPower = 1e-6;      // -60 dBFS
constexpr double kPauseSeconds = 0.2;
constexpr float kFullScale = 0.99996f;  // 32767 of 32768 is the largest sample of 16 bits

double ShareAtFullScale(const Audio& audio) {
  const auto full = std::count_if(audio.samples.begin(), audio.samples.end(),
                                  [](float x) { return std::abs(x) >= kFullScale; });
  return static_cast<double>(full) / static_cast<double>(audio.samples.size());
}

double LargestOffset(const Audio& audio) {
  std::vector<double> sums(audio.channels);
  for (size_t i = 0; i < audio.samples.size(); ++i) sums[i % audio.channels] += audio.samples[i];
  double largest = 0.0;
  for (const double sum : sums) {
    const double mean = sum / static_cast<double>(audio.frames());
    if (std::abs(mean) > std::abs(largest)) largest = mean;
  }
  return largest;
}

// Mean square of each block, the last one shorter.
std::vector<double> BlockPowers(const std::vector<float>& wave, size_t block) {
  std::vector<double> powers;
  for (size_t begin = 0; begin < wave.size(); begin += block) {
    const size_t end = std::min(begin + block, wave.size());
    double sum = 0.0;
    for (size_t i = begin; i < end; ++i) sum += static_cast<double>(wave[i]) * wave[i];
    powers.push_back(sum / static_cast<double>(end - begin));
  }
  return powers;
}

void MeasureSilence(const std::vector<double>& powers, double block_seconds, AudioMeasure* measure) {
  const double loudest = *std::max_element(powers.begin(), powers.end());
  measure->silent = loudest < kSilentPower;
  if (measure->silent) return;
  const auto sounds = [&](double power) { return power > loudest * kSilencePower; };
  const size_t first = std::find_if(powers.begin(), powers.end(), sounds) - powers.begin();
  const size_t end = powers.rend() - std::find_if(powers.rbegin(), powers.rend(), sounds);
  measure->leading = static_cast<double>(first) * block_seconds;
  measure->trailing = std::max(
      0.0, measure->seconds - static_cast<double>(end) * block_seconds);  // the last block is shorter
  measure->speaking = measure->between_ends();
  double sum = 0.0;
  size_t sounding = 0, silence_begin = first;
  for (size_t b = first; b < end; ++b) {
    if (!sounds(powers[b])) continue;
    const double pause = static_cast<double>(b - silence_begin) * block_seconds;
    measure->longest_pause = std::max(measure->longest_pause, pause);
    if (pause >= kPauseSeconds) measure->speaking -= pause;
    silence_begin = b + 1;
    sum += powers[b];
    ++sounding;
  }
  measure->level_dbfs = 10.0 * std::log10(sum / static_cast<double>(sounding));
}

}  // namespace

StatusOr<AudioMeasure> MeasureAudio(const Audio& audio) {
  M2TTS_ASSIGN_OR_RETURN(const auto wave, ToMono(audio, audio.sample_rate));
  AudioMeasure measure;
  measure.sample_rate = audio.sample_rate;
  measure.channels = audio.channels;
  measure.seconds = audio.seconds();
  measure.full_scale_share = ShareAtFullScale(audio);
  measure.offset = LargestOffset(audio);
  const size_t block = std::max(1, audio.sample_rate / kBlocksPerSecond);
  MeasureSilence(BlockPowers(wave, block), static_cast<double>(block) / audio.sample_rate, &measure);
  measure.hash = Sha256Hex(
      {reinterpret_cast<const char*>(audio.samples.data()), audio.samples.size() * sizeof(audio.samples[0])});
  return measure;
}

}  // namespace m2tts
