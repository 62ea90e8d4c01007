#include "core/audio/audio_config.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/base/strict_yaml.h"

namespace m2tts {
namespace {

StatusOr<AudioConfig> FromText(const std::string& text) {
  const auto node = ParseYaml(text, "test");
  if (!node.ok()) return node.status();
  return AudioConfig::FromYaml(*node, "audio");
}

TEST(AudioConfigTest, JsonReadsBack) {
  AudioConfig config;
  config.sample_rate = 24000;
  config.n_mels = 80;
  config.f_max = 7600.5;
  const auto copy = FromText(config.ToJson());
  ASSERT_TRUE(copy.ok()) << copy.status();
  EXPECT_EQ(copy->ToJson(), config.ToJson());
  EXPECT_EQ(copy->f_max, 7600.5);
}

TEST(AudioConfigTest, DefaultsAreValid) {
  EXPECT_TRUE(AudioConfig().Validate().ok());
  EXPECT_NEAR(AudioConfig().frames_per_second(), 86.1328, 1e-4);
}

TEST(AudioConfigTest, ErrorsNameTheField) {
  const std::pair<const char*, const char*> cases[] = {
      {"{n_fft: 1023}", "n_fft"},      {"{hop_length: 600}", "hop_length"},
      {"{f_max: 12000}", "f_max"},     {"{f_min: 9000, f_max: 8000}", "f_min"},
      {"{n_mels: 0}", "n_mels"},       {"{sample_rate: -1}", "sample_rate"},
      {"{log_floor: 0}", "log_floor"}, {"{hop: 256}", "hop"},
      {"{n_fft: many}", "n_fft"},      {"{n_fft: 64, hop_length: 16, n_mels: 64}", "n_mels"},
  };
  for (const auto& [text, field] : cases) {
    const auto config = FromText(text);
    ASSERT_FALSE(config.ok()) << text;
    EXPECT_NE(std::string(config.status().message()).find(field), std::string::npos) << config.status();
  }
}

TEST(AudioConfigTest, NanIsInvalid) {
  AudioConfig config;
  config.f_max = std::nan("");
  EXPECT_FALSE(config.Validate().ok());
  config = AudioConfig();
  config.log_floor = std::nan("");
  EXPECT_FALSE(config.Validate().ok());
}

}  // namespace
}  // namespace m2tts
