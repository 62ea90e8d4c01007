#include "server/synthesis/wav_header.h"

#include <gtest/gtest.h>

#include "core/audio/codec.h"

namespace m2tts {
namespace {

std::string StreamedWav(const std::vector<float>& samples) {
  auto encoder = AudioEncoder::Create(AudioEncoding::kWav, 16000, -1);
  EXPECT_TRUE(encoder.ok());
  std::string wav = *(*encoder)->Append(samples.data(), samples.size());
  wav += *(*encoder)->Finish();
  return wav;
}

TEST(WavHeaderTest, StreamedBecomesEqualToWhole) {
  const std::vector<float> samples(1234, 0.25F);
  std::string wav = StreamedWav(samples);
  SetWavSizes(&wav);
  const auto whole = EncodeAudio(samples, 16000, AudioEncoding::kWav);
  ASSERT_TRUE(whole.ok());
  EXPECT_EQ(wav, *whole);
}

TEST(WavHeaderTest, LeavesOthersAlone) {
  for (const std::string& bytes : {std::string(), std::string("RIFF"), std::string(100, 'x'),
                                   std::string("RIFF\0\0\0\0WAVEjunk\xff\xff\xff\xff", 20)}) {
    std::string copy = bytes;
    SetWavSizes(&copy);
    EXPECT_EQ(copy, bytes);
  }
}

}  // namespace
}  // namespace m2tts
