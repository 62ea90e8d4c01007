#include "core/audio/resampler.h"

#include <gtest/gtest.h>

#include "tests/core/audio/test_signals.h"

namespace m2tts {
namespace {

TEST(ResamplerTest, CountsAreRounded) {
  for (const int from : {8000, 16000, 22050, 32000, 44100, 48000}) {
    for (const int to : {8000, 11025, 22050, 24000, 48000}) {
      for (const size_t count : {0, 1, 2, 100, 9999}) {
        const auto out = Resample(std::vector<float>(count, 0.1f), from, to);
        ASSERT_TRUE(out.ok()) << out.status();
        EXPECT_EQ(out->size(), static_cast<size_t>(std::llround(static_cast<double>(count) * to / from)))
            << count << " from " << from << " to " << to;
      }
    }
  }
}

// The resampled tone is the tone computed at the new rate: right frequency, gain and delay.
TEST(ResamplerTest, TonesStayPure) {
  for (const int to : {16000, 22050, 48000}) {
    const auto out = Resample(Sine(1000.0, 1.0, 32000), 32000, to).value();
    const auto expected = Sine(1000.0, 1.0, to);
    ASSERT_EQ(out.size(), expected.size());
    for (size_t i = 500; i + 500 < out.size(); ++i) ASSERT_NEAR(out[i], expected[i], 1e-4) << i;
  }
}

TEST(ResamplerTest, ToneAboveTheNewBandVanishes) {
  const auto out = Resample(Sine(10000.0, 1.0, 44100), 44100, 16000).value();
  for (size_t i = 500; i + 500 < out.size(); ++i) ASSERT_LT(std::abs(out[i]), 1e-4);
}

TEST(ResamplerTest, StreamEqualsWhole) {
  const auto wave = Sine(440.0, 0.5, 22050);
  const auto whole = Resample(wave, 22050, 48000).value();
  auto resampler = Resampler::Create(22050, 48000).value();
  std::vector<float> streamed;
  for (size_t at = 0, step = 0; at < wave.size(); at += step) {
    step = std::min<size_t>(1 + at % 700, wave.size() - at);
    const auto part = resampler->Process(wave.data() + at, step).value();
    streamed.insert(streamed.end(), part.begin(), part.end());
    EXPECT_TRUE(resampler->Process(nullptr, 0)->empty());
  }
  const auto tail = resampler->Finish().value();
  streamed.insert(streamed.end(), tail.begin(), tail.end());
  ASSERT_EQ(streamed.size(), whole.size());
  for (size_t i = 0; i < whole.size(); ++i) ASSERT_NEAR(streamed[i], whole[i], 1e-6);
}

TEST(ResamplerTest, EqualRatesPassUnchanged) {
  const auto wave = Sine(440.0, 0.1, 22050);
  EXPECT_EQ(Resample(wave, 22050, 22050).value(), wave);
  auto resampler = Resampler::Create(22050, 22050).value();
  EXPECT_EQ(resampler->Process(wave).value(), wave) << "moved";
  ASSERT_TRUE(resampler->Finish().value().empty());
  EXPECT_EQ(resampler->Process(wave).status().code(), StatusCode::kFailedPrecondition);
}

TEST(ResamplerTest, SamplesAreMovedOrCopiedToTheSameEffect) {
  const auto wave = Sine(440.0, 0.1, 22050);
  auto copying = Resampler::Create(22050, 16000).value(), moving = Resampler::Create(22050, 16000).value();
  EXPECT_EQ(moving->Process(wave).value(), copying->Process(wave.data(), wave.size()).value());
  EXPECT_EQ(moving->Finish().value(), copying->Finish().value());
}

TEST(ResamplerTest, MisuseIsAnError) {
  EXPECT_FALSE(Resampler::Create(0, 22050).ok());
  EXPECT_FALSE(Resampler::Create(22050, -1).ok());
  auto resampler = Resampler::Create(8000, 16000).value();
  ASSERT_TRUE(resampler->Finish().ok());
  const float sample = 0.0f;
  EXPECT_FALSE(resampler->Process(&sample, 1).ok());
  EXPECT_FALSE(resampler->Finish().ok());
}

}  // namespace
}  // namespace m2tts
