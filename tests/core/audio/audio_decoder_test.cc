#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <random>

#include "core/audio/codec.h"
#include "tests/core/audio/test_signals.h"

namespace m2tts {
namespace {

std::string Encoded(AudioEncoding encoding) {
  return EncodeAudio(Sine(300.0, 0.3, 22050), 22050, encoding).value();
}

// A WAV of 32-bit floats.
std::string FloatWav(const std::vector<float>& samples) {
  std::string bytes = EncodeAudio(std::vector<float>(2 * samples.size()), 22050, AudioEncoding::kWav).value();
  bytes[20] = 3;   // IEEE float
  bytes[32] = 4;   // bytes per frame
  bytes[34] = 32;  // bits per sample
  std::memcpy(bytes.data() + 44, samples.data(), samples.size() * sizeof(float));
  return bytes;
}

TEST(AudioDecoderTest, ReadsRealClips) {
  const auto audio = ReadAudioFile(ClipPath("LJ007-0217"));
  ASSERT_TRUE(audio.ok()) << audio.status();
  EXPECT_EQ(audio->sample_rate, 22050);
  EXPECT_EQ(audio->channels, 1);
  EXPECT_EQ(audio->frames(), 24733u);
  EXPECT_NEAR(audio->seconds(), 1.1217, 1e-3);
}

TEST(AudioDecoderTest, MissingFileNamesThePath) {
  const auto audio = ReadAudioFile("/nonexistent/x.wav");
  ASSERT_FALSE(audio.ok());
  EXPECT_NE(std::string(audio.status().message()).find("/nonexistent/x.wav"), std::string::npos);
}

TEST(AudioDecoderTest, FloatSamplesPass) {
  const std::vector<float> samples = {0.0f, 0.25f, -0.75f, 1.0f};
  EXPECT_EQ(DecodeAudio(FloatWav(samples), "float")->samples, samples);
}

TEST(AudioDecoderTest, NotFiniteSamplesAreRefused) {
  for (const float bad : {std::nanf(""), -std::numeric_limits<float>::infinity()}) {
    const auto audio = DecodeAudio(FloatWav({0.0f, 0.5f, bad, 0.0f}), "bad.wav");
    ASSERT_FALSE(audio.ok());
    EXPECT_EQ(audio.status().code(), StatusCode::kInvalidArgument);
    EXPECT_NE(std::string(audio.status().message()).find("bad.wav: the sample at frame 2"),
              std::string::npos);
  }
}

TEST(AudioDecoderTest, EmptyIsDataLoss) {
  EXPECT_EQ(DecodeAudio("", "empty").status().code(), StatusCode::kDataLoss);
  const std::string no_samples = EncodeAudio({}, 22050, AudioEncoding::kWav).value();
  EXPECT_EQ(DecodeAudio(no_samples, "empty").status().code(), StatusCode::kDataLoss);
}

// Cut at every byte of the header and at many of the data.
TEST(AudioDecoderTest, TruncatedIsDataLoss) {
  for (const auto encoding : {AudioEncoding::kWav, AudioEncoding::kFlac}) {
    const std::string whole = Encoded(encoding);
    for (size_t cut = 0; cut < whole.size(); cut += cut < 128 ? 1 : 97) {
      const auto audio = DecodeAudio(std::string_view(whole).substr(0, cut), "cut");
      ASSERT_FALSE(audio.ok()) << AudioEncodingName(encoding) << " cut at " << cut;
      EXPECT_EQ(audio.status().code(), StatusCode::kDataLoss) << audio.status();
    }
    EXPECT_FALSE(DecodeAudio(std::string_view(whole).substr(0, whole.size() - 1), "cut").ok());
  }
}

TEST(AudioDecoderTest, LyingDataChunkIsDataLoss) {
  std::string bytes = Encoded(AudioEncoding::kWav);
  for (const std::string& size : {std::string("\xfe\xff\xff\xff"), std::string("\xff\xff\xff\x7f")}) {
    bytes.replace(40, 4, size);
    const auto audio = DecodeAudio(bytes, "liar.wav");
    ASSERT_FALSE(audio.ok());
    EXPECT_EQ(audio.status().code(), StatusCode::kDataLoss);
    EXPECT_NE(std::string(audio.status().message()).find("byte 36"), std::string::npos) << audio.status();
  }
}

TEST(AudioDecoderTest, DamagedHeadersNeverCrash) {
  std::mt19937 random(4);
  for (const auto encoding : {AudioEncoding::kWav, AudioEncoding::kFlac}) {
    const std::string whole = Encoded(encoding).substr(0, 4000);
    for (int trial = 0; trial < 2000; ++trial) {
      std::string bytes = whole;
      for (int flips = 0; flips < 3; ++flips) bytes[random() % 60] = static_cast<char>(random());
      const auto audio = DecodeAudio(bytes, "fuzz");
      EXPECT_TRUE(!audio.ok() || audio->frames() > 0);
    }
  }
}

TEST(AudioDecoderTest, RandomBytesAreRefused) {
  std::mt19937 random(5);
  for (int trial = 0; trial < 200; ++trial) {
    std::string bytes(1 + random() % 3000, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    EXPECT_FALSE(DecodeAudio(bytes, "noise").ok());
  }
}

TEST(AudioDecoderTest, DamagedFlacFrameIsDataLoss) {
  std::string bytes = Encoded(AudioEncoding::kFlac);
  bytes[bytes.size() / 2] ^= 0x55;
  EXPECT_EQ(DecodeAudio(bytes, "flac").status().code(), StatusCode::kDataLoss);
}

TEST(ToMonoTest, AveragesChannelsAndResamples) {
  const Audio stereo{16000, 2, {1.0f, 0.0f, 0.5f, 0.5f, -1.0f, 1.0f}};
  EXPECT_EQ(ToMono(stereo, 16000).value(), (std::vector<float>{0.5f, 0.5f, 0.0f}));
  EXPECT_EQ(ToMono(stereo, 32000)->size(), 6u);
  EXPECT_FALSE(ToMono(Audio{}, 22050).ok());
}

}  // namespace
}  // namespace m2tts
