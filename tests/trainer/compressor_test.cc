#include "trainer/export/compressor.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/device/runtime.h"
#include "core/voice/voice_bundle.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

TEST(CompressorTest, TheShippedVoiceInEightBits) {
  ConfigureCpuThreads(1);  // as the command does: threads that wait for each other are slow on a busy machine
  const fs::path folder = fs::path(testing::TempDir()) / fmt::format("m2tts-compress-{}", getpid());
  fs::remove_all(folder);
  CompressOptions options;
  options.voice = fs::path(M2TTS_SOURCE_DIR) / "voices/en_US-slt";
  options.output = folder / "small";
  options.lexicon = fs::path(M2TTS_BINARY_DIR) / "lexicon/en_US.lex";
  const auto report = CompressVoice(options);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_LT(report->after.bytes, 4'000'000);
  EXPECT_EQ(report->before.dtype, "fp16");
  EXPECT_EQ(report->after.dtype, "int8");
  // Not the same, and near: 8 bits are not free of errors.
  EXPECT_GT(report->mcd_between_db, 0.01);
  EXPECT_LT(report->mcd_between_db, 1.0);
  const auto bundle = LoadVoiceBundle(options.output);
  ASSERT_TRUE(bundle.ok()) << bundle.status();
  EXPECT_EQ(bundle->manifest.name, "small");
  EXPECT_TRUE(fs::exists(options.output / "MODEL_CARD.md"));
  const auto json = nlohmann::json::parse(FormatCompressJson(*report));
  EXPECT_EQ(json["after"]["bytes"], report->after.bytes);
  EXPECT_NE(FormatCompressTable(*report).find("int8"), std::string::npos);
  fs::remove_all(folder);
}

TEST(CompressorTest, TheVoiceItselfIsNoOutput) {
  CompressOptions options;
  options.voice = fs::path(M2TTS_SOURCE_DIR) / "voices/en_US-slt";
  options.output = fs::path(M2TTS_SOURCE_DIR) / "voices/../voices/en_US-slt";
  EXPECT_EQ(CompressVoice(options).status().code(), StatusCode::kInvalidArgument);
}

TEST(CompressorTest, AMissingVoiceIsAnError) {
  CompressOptions options;
  options.voice = fs::path(testing::TempDir()) / "no-such-voice";
  options.output = fs::path(testing::TempDir()) / "never";
  EXPECT_FALSE(CompressVoice(options).ok());
  EXPECT_FALSE(fs::exists(options.output));
}

}  // namespace
}  // namespace m2tts
