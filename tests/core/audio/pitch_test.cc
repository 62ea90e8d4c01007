#include "core/audio/pitch.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/core/audio/test_signals.h"

namespace m2tts {
namespace {

constexpr int kRate = 22050;

// A voice-like pulse train: harmonics to 5 kHz falling by 6 dB per octave, second one strongest.
std::vector<float> Voice(const std::vector<double>& hz) {
  std::vector<float> wave(hz.size());
  double phase = 0.0;
  for (size_t i = 0; i < hz.size(); ++i) {
    phase += 2.0 * M_PI * hz[i] / kRate;
    for (int h = 1; h * hz[i] < 5000.0; ++h) wave[i] += static_cast<float>(std::sin(h * phase) / h);
    wave[i] = 0.2f * (wave[i] + static_cast<float>(std::sin(2.0 * phase)));
  }
  return wave;
}

TEST(PitchTest, FindsConstantTones) {
  for (const double hz : {65.0, 110.0, 180.0, 261.6, 440.0, 495.0}) {
    for (const auto& wave : {Sine(hz, 1.0, kRate), Voice(std::vector<double>(kRate, hz))}) {
      const auto f0 = EstimatePitch(wave, AudioConfig());
      ASSERT_EQ(f0.size(), 1 + wave.size() / 256);
      for (size_t t = 4; t + 4 < f0.size(); ++t) EXPECT_NEAR(f0[t], hz, 0.005 * hz) << "frame " << t;
    }
  }
}

// Also shows that frame t is centred on sample t * hop: a shift of half a window is 2 Hz here.
TEST(PitchTest, FollowsAGlide) {
  std::vector<double> hz(2 * kRate);
  for (size_t i = 0; i < hz.size(); ++i) hz[i] = 100.0 + 200.0 * static_cast<double>(i) / hz.size();
  const auto f0 = EstimatePitch(Voice(hz), AudioConfig());
  for (size_t t = 5; t + 5 < f0.size(); ++t) EXPECT_NEAR(f0[t], hz[t * 256], 1.5) << "frame " << t;
}

TEST(PitchTest, NoiseAndSilenceAreUnvoiced) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal(0.0f, 0.1f);
  std::vector<float> noise(kRate);
  for (float& x : noise) x = normal(random);
  for (const float f : EstimatePitch(noise, AudioConfig())) EXPECT_EQ(f, 0.0f);
  for (const float f : EstimatePitch(std::vector<float>(kRate, 0.0f), AudioConfig())) EXPECT_EQ(f, 0.0f);
  for (const float f : EstimatePitch(std::vector<float>(kRate, 0.3f), AudioConfig())) {
    EXPECT_TRUE(std::isfinite(f));
  }
}

TEST(PitchTest, ShortInput) {
  EXPECT_EQ(EstimatePitch({}, AudioConfig()), std::vector<float>{0.0f});
  EXPECT_EQ(EstimatePitch(std::vector<float>(300, 0.1f), AudioConfig()).size(), 2u);
}

TEST(PitchTest, NoisyVoiceHasNoOctaveErrors) {
  std::mt19937 random(2);
  std::normal_distribution<float> normal(0.0f, 0.02f);
  auto wave = Voice(std::vector<double>(kRate, 150.0));
  for (float& x : wave) x += normal(random);
  const auto f0 = EstimatePitch(wave, AudioConfig());
  int voiced = 0;
  for (const float f : f0) {
    if (f == 0.0f) continue;
    ++voiced;
    EXPECT_NEAR(f, 150.0f, 5.0f);
  }
  EXPECT_GT(voiced, static_cast<int>(f0.size()) - 8);
}

// A female reader: F0 in her range, and about as much of it voiced as English is.
TEST(PitchTest, RealSpeechIsPlausible) {
  const auto f0 = EstimatePitch(ReadAudioFile(ClipPath("LJ001-0008"))->samples, AudioConfig());
  int voiced = 0, plausible = 0, jumps = 0;
  for (size_t t = 0; t < f0.size(); ++t) {
    if (f0[t] == 0.0f) continue;
    ++voiced;
    plausible += f0[t] > 120.0f && f0[t] < 400.0f;
    jumps += t > 0 && f0[t - 1] > 0.0f && std::abs(std::log2(f0[t] / f0[t - 1])) > 0.5;
  }
  EXPECT_GT(voiced, static_cast<int>(f0.size() * 0.4));
  EXPECT_LT(voiced, static_cast<int>(f0.size() * 0.9));
  EXPECT_GT(plausible, voiced * 0.95);
  EXPECT_LE(jumps, 2);
}

}  // namespace
}  // namespace m2tts
