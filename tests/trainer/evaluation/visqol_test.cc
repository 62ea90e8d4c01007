// Does the estimate of opinions fall with damage?
#include "trainer/evaluation/visqol.h"

#include <gtest/gtest.h>

#include "core/audio/codec.h"
#include "tests/trainer/evaluation/damaged_speech.h"

namespace m2tts {
namespace {

constexpr int kRate = 16000;  // ViSQOL's own: nothing is resampled

// A recording of a person, from LJ Speech.
const std::vector<float>& Natural() {
  static const std::vector<float> wave = [] {
    const auto audio =
        ReadAudioFile(std::filesystem::path(M2TTS_SOURCE_DIR) / "tests/data/ljspeech/LJ001-0008.wav");
    EXPECT_TRUE(audio.ok()) << audio.status();
    return audio.ok() ? ToMono(*audio, kRate).value() : SpeechLike(kRate);
  }();
  return wave;
}

double Mos(const std::vector<float>& reference, const std::vector<float>& system) {
  const auto mos = VisqolMos(reference, system, kRate);
  EXPECT_TRUE(mos.ok()) << mos.status();
  return mos.ok() ? *mos : 0.0;
}

// tests/golden/make_quality_golden.py
TEST(VisqolTest, AgreesWithAnIndependentProgram) {
  const auto clean = SpeechLike(kRate);
  EXPECT_NEAR(Mos(clean, WithNoise(clean, 30)), 4.0228, 2e-3);
  EXPECT_NEAR(Mos(clean, WithNoise(clean, 10)), 2.4916, 2e-3);
  EXPECT_NEAR(Mos(clean, WithNoise(clean, 0)), 1.7345, 2e-3);
}

TEST(VisqolTest, EqualSignalsHaveTheBestScoreAtAnyLevel) {
  auto quiet = Natural();
  for (float& sample : quiet) sample *= 0.1f;
  EXPECT_NEAR(Mos(Natural(), Natural()), 5.0, 1e-3);
  EXPECT_NEAR(Mos(Natural(), quiet), 5.0, 1e-3);
}

// Each damage, from little to much.
TEST(VisqolTest, RanksDamageOfARecording) {
  const std::vector<std::vector<std::vector<float>>> damages = {
      {WithNoise(Natural(), 40), WithNoise(Natural(), 30), WithNoise(Natural(), 20), WithNoise(Natural(), 10),
       WithNoise(Natural(), 0)},
      {Clipped(Natural(), 0.5f), Clipped(Natural(), 0.2f), Clipped(Natural(), 0.1f),
       Clipped(Natural(), 0.03f)},
      {Muffled(Natural(), 0.3), Muffled(Natural(), 0.6), Muffled(Natural(), 0.8), Muffled(Natural(), 0.95)}};
  for (size_t kind = 0; kind < damages.size(); ++kind) {
    double before = 5.0;
    for (const auto& damaged : damages[kind]) {
      const double mos = Mos(Natural(), damaged);
      EXPECT_LT(mos, before - 0.05) << kind;
      before = mos;
    }
    EXPECT_LT(before, 3.2) << kind;
  }
  EXPECT_LT(Mos(Natural(), Noise(Natural().size())), 1.5);
}

TEST(VisqolTest, TheCallerMaySayWhereAMomentLies) {
  auto late = Natural();
  late.insert(late.begin(), kRate / 2, 0.0f);
  EXPECT_LT(Mos(Natural(), late), 3.0);
  const auto shifted = VisqolMos(Natural(), late, kRate, [](double seconds) { return seconds + 0.5; });
  ASSERT_TRUE(shifted.ok()) << shifted.status();
  EXPECT_GT(*shifted, 4.9);
}

TEST(VisqolTest, TooLittleSpeechIsAnError) {
  const std::vector<float> silence(kRate, 0.0f), speech = SpeechLike(kRate);
  const std::vector<float> shred(speech.begin(), speech.begin() + kRate / 3);
  EXPECT_EQ(VisqolMos({}, {}, kRate).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(VisqolMos(silence, speech, kRate).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(VisqolMos(speech, silence, kRate).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(VisqolMos(shred, speech, kRate).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(VisqolMos(std::vector<float>(kRate, NAN), speech, kRate).status().code(),
            StatusCode::kInvalidArgument);
  // What lies beyond the end of the other signal is silence.
  EXPECT_TRUE(VisqolMos(speech, shred, kRate).ok());
}

}  // namespace
}  // namespace m2tts
