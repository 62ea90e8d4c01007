// STOI, the LPC cepstrum distance and its opinion score, and predictors as TorchScript: do they rank
// damaged speech as ears do?
#include <gtest/gtest.h>
#include <torch/script.h>

#include <cmath>
#include <random>

#include "core/audio/codec.h"
#include "trainer/evaluation/acoustic_distance.h"
#include "trainer/evaluation/lpc_cepstrum.h"
#include "trainer/evaluation/mos_predictor.h"
#include "trainer/evaluation/stoi.h"

namespace m2tts {
namespace {

constexpr int kRate = 22050;

// A buzz whose formants wander: speech enough for these measures.
std::vector<float> Speech() {
  std::vector<float> wave(2 * kRate);
  double y1[3] = {}, y2[3] = {}, phase = 0.0;
  for (size_t i = 0; i < wave.size(); ++i) {
    const double t = static_cast<double>(i) / kRate;
    phase += (120.0 + 20.0 * std::sin(2.0 * t)) / kRate;
    const bool pulse = phase >= 1.0;
    if (pulse) phase -= 1.0;
    double x = pulse ? 1.0 : 0.0;
    const double formants[3] = {500.0 + 200.0 * std::sin(9.0 * t), 1500.0 + 500.0 * std::cos(7.0 * t),
                                2600.0};
    for (int f = 0; f < 3; ++f) {
      const double r = std::exp(-M_PI * 90.0 / kRate),
                   c = 2.0 * r * std::cos(2.0 * M_PI * formants[f] / kRate);
      const double y = x + c * y1[f] - r * r * y2[f];
      y2[f] = y1[f];
      y1[f] = y;
      x = y * 0.3;
    }
    // Syllables: four a second.
    wave[i] = static_cast<float>(0.5 * x * (0.1 + std::pow(std::sin(4.0 * M_PI * t), 2)));
  }
  float loudest = 0.0f;
  for (const float sample : wave) loudest = std::max(loudest, std::abs(sample));
  for (float& sample : wave) sample *= 0.5f / loudest;
  return wave;
}

std::vector<float> WithNoise(std::vector<float> wave, double snr_db) {
  double power = 0.0;
  for (const float sample : wave) power += static_cast<double>(sample) * sample;
  const double deviation =
      std::sqrt(power / static_cast<double>(wave.size())) * std::pow(10.0, -snr_db / 20.0);
  std::mt19937 random(7);
  std::normal_distribution<double> noise(0.0, deviation);
  for (float& sample : wave) sample += static_cast<float>(noise(random));
  return wave;
}

std::vector<float> Clipped(std::vector<float> wave, float at) {
  for (float& sample : wave) sample = std::clamp(sample, -at, at);
  return wave;
}

std::vector<float> Muffled(std::vector<float> wave, double pole) {
  double state = 0.0;
  for (float& sample : wave) {
    state += (1.0 - pole) * (sample - state);
    sample = static_cast<float>(state);
  }
  return wave;
}

double Distance(const std::vector<float>& wave) {
  const auto distance = CompareAcoustics(Speech(), wave, AudioConfig());
  EXPECT_TRUE(distance.ok()) << distance.status();
  return distance->lpc_distance_db;
}

TEST(LpcDistanceTest, RanksDamagedSpeech) {
  EXPECT_NEAR(Distance(Speech()), 0.0, 1e-6);
  double previous = 0.0;
  for (const double snr : {50.0, 40.0, 30.0, 20.0, 10.0, 0.0}) {
    const double distance = Distance(WithNoise(Speech(), snr));
    EXPECT_GT(distance, previous) << snr;
    previous = distance;
  }
  EXPECT_LT(Distance(Clipped(Speech(), 0.2f)), Distance(Clipped(Speech(), 0.02f)));
  EXPECT_LT(0.5, Distance(Muffled(Speech(), 0.5)));
  EXPECT_LT(Distance(Muffled(Speech(), 0.5)), Distance(Muffled(Speech(), 0.9)));
}

TEST(LpcDistanceTest, OpinionFallsWithDistanceAndStaysOnTheScale) {
  EXPECT_DOUBLE_EQ(*MosOfLpcDistance(0.0), 3.56);
  EXPECT_NEAR(*MosOfLpcDistance(2.0), 2.12, 1e-9);
  double previous = 4.0;
  for (const double distance : {0.0, 0.5, 1.0, 2.0, 3.0}) {
    EXPECT_LT(*MosOfLpcDistance(distance), previous);
    previous = *MosOfLpcDistance(distance);
  }
  EXPECT_FALSE(MosOfLpcDistance(5.0).has_value());
  EXPECT_FALSE(MosOfLpcDistance(100.0).has_value());
}

TEST(StoiTest, FallsWithNoiseAndIsOneForItself) {
  const auto clean = Speech();
  double previous = 1.1;
  for (const double snr : {60.0, 20.0, 10.0, 0.0, -10.0}) {
    const auto stoi = Stoi(clean, WithNoise(clean, snr), kRate);
    ASSERT_TRUE(stoi.ok()) << stoi.status();
    EXPECT_LT(*stoi, previous) << snr;
    previous = *stoi;
  }
  EXPECT_LT(previous, 0.6);
  EXPECT_NEAR(*Stoi(clean, clean, kRate), 1.0, 1e-9);
  // Level does not matter.
  auto quiet = clean;
  for (float& sample : quiet) sample *= 0.1f;
  EXPECT_NEAR(*Stoi(clean, quiet, kRate), 1.0, 1e-6);
}

TEST(StoiTest, TooLittleSpeechIsAnError) {
  EXPECT_FALSE(Stoi({}, {}, kRate).ok());
  EXPECT_FALSE(Stoi(std::vector<float>(2000, 0.1f), std::vector<float>(2000, 0.1f), kRate).ok());
}

TEST(MosPredictorTest, RunsATorchScriptModuleAtSixteenKilohertz) {
  const auto folder = std::filesystem::path(testing::TempDir());
  const std::string good = folder / fmt::format("mos-{}.pt", getpid()), bad = good + ".bad";
  torch::jit::Module length("length");
  length.define("def forward(self, x):\n  return torch.tensor([float(x.size(1)) / 16000.0])\n");
  length.save(good);
  const auto predictor = MosPredictor::Load(good);
  ASSERT_TRUE(predictor.ok()) << predictor.status();
  const auto score = (*predictor)->Predict(Speech(), kRate);
  ASSERT_TRUE(score.ok()) << score.status();
  EXPECT_NEAR(*score, 2.0, 1e-3);

  torch::jit::Module broken("broken");
  broken.define("def forward(self, x):\n  return x.reshape(3, 7)\n");
  broken.save(bad);
  EXPECT_EQ((*MosPredictor::Load(bad))->Predict(Speech(), kRate).status().code(), StatusCode::kInternal);
  std::filesystem::resize_file(bad, 20);
  EXPECT_EQ(MosPredictor::Load(bad).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(MosPredictor::Load(folder / "nowhere.pt").status().code(), StatusCode::kInvalidArgument);
  std::filesystem::remove(good);
  std::filesystem::remove(bad);
}

}  // namespace
}  // namespace m2tts
