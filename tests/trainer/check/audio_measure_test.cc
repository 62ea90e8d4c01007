#include "trainer/check/audio_measure.h"

#include <gtest/gtest.h>

#include <cmath>

namespace m2tts {
namespace {

constexpr int kRate = 16000;

// Appends a sine of 200 Hz.
void Tone(double seconds, double amplitude, std::vector<float>* wave) {
  const auto count = static_cast<size_t>(seconds * kRate);
  for (size_t i = 0; i < count; ++i)
    wave->push_back(
        static_cast<float>(amplitude * std::sin(2 * M_PI * 200 * static_cast<double>(i) / kRate)));
}

AudioMeasure Measure(const std::vector<float>& samples, int channels = 1) {
  const auto measure = MeasureAudio({kRate, channels, samples});
  EXPECT_TRUE(measure.ok()) << measure.status();
  return *measure;
}

TEST(AudioMeasure, FindsSilenceAtTheEndsAndInside) {
  std::vector<float> wave(kRate / 2);
  Tone(1.0, 0.5, &wave);
  wave.resize(wave.size() + kRate * 3 / 4);
  Tone(1.0, 0.5, &wave);
  wave.resize(wave.size() + kRate / 10);
  Tone(0.5, 0.5, &wave);
  wave.resize(wave.size() + kRate / 4 + 37);
  const AudioMeasure measure = Measure(wave);
  EXPECT_NEAR(measure.leading, 0.5, 0.011);
  EXPECT_NEAR(measure.longest_pause, 0.75, 0.011);
  EXPECT_NEAR(measure.trailing, 0.25, 0.011);
  // The gap of a tenth of a second belongs to speaking.
  EXPECT_NEAR(measure.speaking, 2.6, 0.021);
  EXPECT_NEAR(measure.level_dbfs, 10 * std::log10(0.125), 0.1);
  EXPECT_NEAR(measure.between_ends(), 3.35, 0.021);
  EXPECT_NEAR(measure.kept(), 3.55, 0.021);
  EXPECT_FALSE(measure.silent);
}

TEST(AudioMeasure, NoiseFarBelowTheSpeechIsSilence) {
  std::vector<float> wave;
  Tone(0.5, 0.001, &wave);  // 54 dB below
  Tone(0.5, 0.5, &wave);
  EXPECT_NEAR(Measure(wave).leading, 0.5, 0.011);
}

TEST(AudioMeasure, TellsSilenceFromSoftSound) {
  std::vector<float> soft;
  Tone(0.5, 0.005, &soft);
  EXPECT_FALSE(Measure(soft).silent);
  std::vector<float> noise;
  Tone(0.5, 0.0005, &noise);
  EXPECT_TRUE(Measure(noise).silent);
  EXPECT_TRUE(Measure(std::vector<float>(100)).silent);
  EXPECT_TRUE(Measure({0.0f}).silent);
}

TEST(AudioMeasure, ChannelsInOppositePhaseAreSilentTogether) {
  std::vector<float> left, both;
  Tone(0.5, 0.5, &left);
  for (const float x : left) both.insert(both.end(), {x, -x});
  EXPECT_TRUE(Measure(both, 2).silent);
}

TEST(AudioMeasure, CountsSamplesAtFullScale) {
  std::vector<float> wave;
  Tone(1.0, 2.0, &wave);
  size_t clipped = 0;
  for (float& x : wave) {
    x = std::min(std::max(x, -1.0f), 32767.0f / 32768.0f);
    clipped += x == -1.0f || x == 32767.0f / 32768.0f ? 1 : 0;
  }
  EXPECT_DOUBLE_EQ(Measure(wave).full_scale_share, static_cast<double>(clipped) / kRate);
  wave.clear();
  Tone(1.0, 0.99, &wave);
  EXPECT_EQ(Measure(wave).full_scale_share, 0.0);
}

TEST(AudioMeasure, FindsTheOffsetOfOneChannel) {
  std::vector<float> left, both;
  Tone(1.0, 0.3, &left);
  for (const float x : left) both.insert(both.end(), {x, x - 0.05f});
  EXPECT_NEAR(Measure(both, 2).offset, -0.05, 1e-3);
  EXPECT_NEAR(Measure(left).offset, 0.0, 1e-3);
}

TEST(AudioMeasure, HashesTheSamples) {
  std::vector<float> wave;
  Tone(0.1, 0.3, &wave);
  const std::string hash = Measure(wave).hash;
  EXPECT_EQ(Measure(wave).hash, hash);
  wave.back() += 1e-3f;
  EXPECT_NE(Measure(wave).hash, hash);
}

TEST(AudioMeasure, RefusesARateThatMakesNoSense) {
  EXPECT_FALSE(MeasureAudio({3, 1, {0.1f, 0.2f}}).ok());
}

}  // namespace
}  // namespace m2tts
