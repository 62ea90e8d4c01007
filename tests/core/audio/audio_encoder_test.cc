#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "core/audio/codec.h"

namespace m2tts {
namespace {

// Values that 16 bits hold exactly, both ends included.
std::vector<float> Exact16(size_t count) {
  std::mt19937 random(3);
  std::vector<float> wave(count);
  for (float& x : wave) x = static_cast<float>(static_cast<int>(random() % 65536) - 32768) / 32768.0f;
  wave[0] = -1.0f;
  wave[1] = 32767.0f / 32768.0f;
  return wave;
}

std::string Stream(AudioEncoding encoding, const std::vector<float>& wave, int64_t total, size_t block) {
  auto encoder = AudioEncoder::Create(encoding, 22050, total).value();
  std::string bytes;
  for (size_t at = 0; at < wave.size(); at += block) {
    bytes += encoder->Append(wave.data() + at, std::min(block, wave.size() - at)).value();
  }
  return bytes + encoder->Finish().value();
}

int16_t PcmAt(const std::string& bytes, size_t index) {
  return static_cast<int16_t>(static_cast<uint8_t>(bytes[2 * index]) |
                              static_cast<uint8_t>(bytes[2 * index + 1]) << 8);
}

TEST(AudioEncoderTest, WholeRoundTripIsExact) {
  const auto wave = Exact16(30000);
  for (const auto encoding : {AudioEncoding::kWav, AudioEncoding::kFlac}) {
    const auto bytes = EncodeAudio(wave, 24000, encoding);
    ASSERT_TRUE(bytes.ok()) << bytes.status();
    const auto audio = DecodeAudio(*bytes, "test");
    ASSERT_TRUE(audio.ok()) << audio.status();
    EXPECT_EQ(audio->sample_rate, 24000);
    EXPECT_EQ(audio->channels, 1);
    EXPECT_EQ(audio->samples, wave);
  }
}

// Length unknown, odd blocks: a streamed WAV or FLAC decodes to the same samples.
TEST(AudioEncoderTest, StreamedRoundTripIsExact) {
  const auto wave = Exact16(30011);
  for (const auto encoding : {AudioEncoding::kWav, AudioEncoding::kFlac}) {
    const auto audio = DecodeAudio(Stream(encoding, wave, -1, 777), "test");
    ASSERT_TRUE(audio.ok()) << audio.status();
    EXPECT_EQ(audio->samples, wave);
  }
}

TEST(AudioEncoderTest, BytesComeAsTheyAreReady) {
  const auto wave = Exact16(60000);
  for (const auto encoding : {AudioEncoding::kWav, AudioEncoding::kPcm16, AudioEncoding::kFlac,
                              AudioEncoding::kPcmF32, AudioEncoding::kMulaw, AudioEncoding::kAlaw}) {
    auto encoder = AudioEncoder::Create(encoding, 22050, -1).value();
    EXPECT_GT(encoder->Append(wave.data(), wave.size())->size(), 50000u) << AudioEncodingName(encoding);
  }
}

TEST(AudioEncoderTest, WavHeaderIsExactOrUnknown) {
  const auto wave = Exact16(5);
  const std::string known = EncodeAudio(wave, 22050, AudioEncoding::kWav).value();
  ASSERT_EQ(known.size(), 54u);
  EXPECT_EQ(known.substr(0, 44),
            std::string("RIFF\x2e\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x22\x56\0\0\x44\xac\0\0\2\0\x10\0"
                        "data\x0a\0\0\0",
                        44));
  const std::string unknown = Stream(AudioEncoding::kWav, wave, -1, 2);
  EXPECT_EQ(unknown.substr(4, 4), "\xff\xff\xff\xff");
  EXPECT_EQ(unknown.substr(40, 4), "\xff\xff\xff\xff");
  EXPECT_EQ(unknown.substr(44), known.substr(44));
  EXPECT_EQ(Stream(AudioEncoding::kWav, wave, 5, 2), known);
}

TEST(AudioEncoderTest, SamplesAreClampedAndRoundedHalfToEven) {
  const std::vector<float> wave = {2.0f,         -2.0f,        1.0f,         0.5f / 32768,
                                   1.5f / 32768, 2.5f / 32768, -0.5f / 32768};
  const std::string bytes = EncodeAudio(wave, 8000, AudioEncoding::kPcm16).value();
  const int16_t expected[] = {32767, -32768, 32767, 0, 2, 2, 0};
  for (size_t i = 0; i < wave.size(); ++i) EXPECT_EQ(PcmAt(bytes, i), expected[i]) << i;
}

TEST(AudioEncoderTest, NotFiniteSamplesAreRefused) {
  for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
    for (const auto encoding : AllAudioEncodings()) {
      EXPECT_FALSE(EncodeAudio({0.0f, bad}, 48000, encoding).ok()) << AudioEncodingName(encoding);
    }
  }
}

TEST(AudioEncoderTest, MisuseIsAnError) {
  const auto wave = Exact16(4);
  for (const auto encoding : AllAudioEncodings()) {
    EXPECT_FALSE(AudioEncoder::Create(encoding, 7999, -1).ok());
    EXPECT_FALSE(AudioEncoder::Create(encoding, 48001, -1).ok());
    auto encoder = AudioEncoder::Create(encoding, 48000, -1).value();
    ASSERT_TRUE(encoder->Finish().ok());
    EXPECT_FALSE(encoder->Append(wave.data(), 4).ok());
    EXPECT_FALSE(encoder->Finish().ok());
  }
  auto encoder = AudioEncoder::Create(AudioEncoding::kWav, 22050, 3).value();
  EXPECT_FALSE(encoder->Append(wave.data(), 4).ok());
  encoder = AudioEncoder::Create(AudioEncoding::kWav, 22050, 5).value();
  ASSERT_TRUE(encoder->Append(wave.data(), 4).ok());
  EXPECT_FALSE(encoder->Finish().ok());
  EXPECT_FALSE(AudioEncoder::Create(AudioEncoding::kWav, 22050, int64_t{1} << 31).ok());
}

TEST(AudioEncoderTest, EmptyAudioIsAWellFormedHeader) {
  EXPECT_EQ(EncodeAudio({}, 22050, AudioEncoding::kWav)->size(), 44u);
  EXPECT_EQ(EncodeAudio({}, 22050, AudioEncoding::kPcm16)->size(), 0u);
  EXPECT_TRUE(EncodeAudio({}, 22050, AudioEncoding::kFlac).ok());
}

TEST(AudioEncoderTest, NamesReadBack) {
  for (const auto encoding : AllAudioEncodings())
    EXPECT_EQ(ParseAudioEncoding(AudioEncodingName(encoding)).value(), encoding);
  const auto bad = ParseAudioEncoding("mp4");
  ASSERT_FALSE(bad.ok());
  EXPECT_NE(std::string(bad.status().message()).find("flac"), std::string::npos);
}

}  // namespace
}  // namespace m2tts
