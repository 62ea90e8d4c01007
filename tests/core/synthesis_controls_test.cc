// Mixtures of speakers, variation and loudness, with the shipped voices.
#include "core/synthesis_controls.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

#include "core/audio/loudness.h"
#include "core/sentence_batch.h"
#include "core/synthesizer.h"

namespace m2tts {
namespace {

class SynthesisControlsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto loaded = Synthesizer::Load(std::filesystem::path(M2TTS_SOURCE_DIR) / "voices/en_US-multi", {});
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    multi_ = loaded->release();
  }
  static void TearDownTestSuite() {
    delete multi_;
    multi_ = nullptr;
  }

  static std::vector<float> Say(const SynthesisControls& controls) {
    auto wave = SynthesizeSentence(multi_, LoudnessSentence(), controls);
    EXPECT_TRUE(wave.ok()) << wave.status();
    return wave.ok() ? *std::move(wave) : std::vector<float>();
  }
  static std::vector<float> SayMix(std::vector<SpeakerShare> mix) {
    SynthesisControls controls;
    controls.mix = std::move(mix);
    return Say(controls);
  }
  static double Loudness(const std::vector<float>& wave) { return IntegratedLoudness(wave, 22050).value(); }

  static Synthesizer* multi_;
};
Synthesizer* SynthesisControlsTest::multi_ = nullptr;

TEST_F(SynthesisControlsTest, SharesSumToOne) {
  SynthesisControls controls;
  controls.speaker = 2;
  EXPECT_EQ(SpeakerWeights(controls, 3), (std::vector<double>{0.0, 0.0, 1.0}));
  controls.mix = {{0, 30.0}, {1, 10.0}};
  EXPECT_EQ(SpeakerWeights(controls, 3), (std::vector<double>{0.75, 0.25, 0.0}));
}

TEST_F(SynthesisControlsTest, MixtureOfOneIsThatSpeaker) {
  SynthesisControls rms;
  rms.speaker = 1;
  EXPECT_EQ(SayMix({{1, 7.5}}), Say(rms));
  EXPECT_NE(Say(rms), Say({}));
}

TEST_F(SynthesisControlsTest, MixtureLiesBetweenItsSpeakers) {
  // Length follows the durations, loudness the spectra: both move from one speaker to the other.
  const auto one = SayMix({{0, 1.0}}), mixed = SayMix({{0, 0.5}, {1, 0.5}}), other = SayMix({{1, 1.0}});
  EXPECT_NE(mixed, one);
  EXPECT_NE(mixed, other);
  const auto [shorter, longer] = std::minmax({one.size(), other.size()});
  EXPECT_GT(mixed.size(), 0.85 * static_cast<double>(shorter));
  EXPECT_LT(mixed.size(), 1.15 * static_cast<double>(longer));
  const auto [softer, louder] = std::minmax({Loudness(one), Loudness(other)});
  EXPECT_GT(Loudness(mixed), softer - 4.0);
  EXPECT_LT(Loudness(mixed), louder + 3.0);
  // Only the ratio counts.
  EXPECT_EQ(SayMix({{0, 40.0}, {1, 40.0}}), mixed);
}

TEST_F(SynthesisControlsTest, BadMixturesAreRefused) {
  const double nan = std::nan("");
  for (const double weight : {0.0, -1.0, nan, std::numeric_limits<double>::infinity()}) {
    SynthesisControls controls;
    controls.mix = {{0, 1.0}, {1, weight}};
    EXPECT_FALSE(multi_->Begin(GoldenSentence(), controls).ok()) << weight;
  }
  SynthesisControls controls;
  controls.mix = {{5, 1.0}};
  EXPECT_FALSE(multi_->Begin(GoldenSentence(), controls).ok());
  controls = {};
  controls.variation = 1.5;
  EXPECT_FALSE(multi_->Begin(GoldenSentence(), controls).ok());
  controls = {};
  controls.loudness = nan;
  EXPECT_FALSE(multi_->Begin(GoldenSentence(), controls).ok());
}

TEST_F(SynthesisControlsTest, EqualSeedsGiveEqualAudio) {
  SynthesisControls controls;
  controls.seed = 11;
  EXPECT_EQ(Say(controls), Say({})) << "a seed without variation changes nothing";
  controls.variation = 1.0;
  const auto first = Say(controls);
  EXPECT_EQ(Say(controls), first);
  controls.seed = 12;
  const auto second = Say(controls);
  EXPECT_NE(second, first);
  const double plain = static_cast<double>(Say({}).size());
  EXPECT_NEAR(static_cast<double>(first.size()) / plain, 1.0, 0.25);
  EXPECT_NEAR(static_cast<double>(second.size()) / plain, 1.0, 0.25);
}

TEST_F(SynthesisControlsTest, EverySpeakerReachesTheLoudness) {
  for (int speaker = 0; speaker < 5; ++speaker) {
    SynthesisControls controls;
    controls.speaker = speaker;
    controls.loudness = -28.0;
    EXPECT_NEAR(Loudness(Say(controls)), -28.0, 0.2) << speaker;
    // The limiter takes some of what the peaks would have.
    controls.loudness = -16.0;
    const auto loud = Say(controls);
    EXPECT_NEAR(Loudness(loud), -16.0, 2.0) << speaker;
    for (const float sample : loud) ASSERT_LE(std::fabs(sample), 1.0F);
  }
}

TEST_F(SynthesisControlsTest, LoudnessIsAFixedGain) {
  // Another sentence gets the gain of the measured one: the ratio to the plain audio is the same everywhere.
  SynthesisControls controls;
  controls.loudness = -30.0;
  const auto plain = SynthesizeSentence(multi_, GoldenSentence(), {}).value();
  const auto soft = SynthesizeSentence(multi_, GoldenSentence(), controls).value();
  ASSERT_EQ(plain.size(), soft.size());
  const double gain = std::pow(10.0, (-30.0 - Loudness(Say({}))) / 20.0);
  for (size_t i = 0; i < plain.size(); ++i) ASSERT_NEAR(soft[i], plain[i] * gain, 1e-4) << i;
}

}  // namespace
}  // namespace m2tts
