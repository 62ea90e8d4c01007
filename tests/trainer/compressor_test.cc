#include "trainer/export/compressor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/audio/codec.h"
#include "core/base/file.h"
#include "core/device/runtime.h"
#include "core/model/m2tts_model.h"
#include "core/text/phoneme.h"
#include "core/voice/voice_bundle.h"
#include "core/voice/weight_storage.h"
#include "tests/core/base/temp_folder.h"
#include "trainer/config/train_config.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

using ::testing::HasSubstr;

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
  EXPECT_NE(FormatCompressTable(*report).find("widened to fp32 when a voice is loaded"), std::string::npos);
  fs::remove_all(folder);
}

TEST(CompressorTest, TheVoiceItselfIsNoOutput) {
  CompressOptions options;
  options.voice = fs::path(M2TTS_SOURCE_DIR) / "voices/en_US-slt";
  options.output = fs::path(M2TTS_SOURCE_DIR) / "voices/../voices/en_US-slt";
  EXPECT_EQ(CompressVoice(options).status().code(), StatusCode::kInvalidArgument);
}

// A small voice of our own to compress, with other files beside it, and a folder for the output.
class CompressFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    ConfigureCpuThreads(1);
    SaveVoice("voice", {"anna", "bert"});
    Put("voice/lexicon.txt", "GIF  JH IH1 F\n");
    Put("voice/MODEL_CARD.md", "of the voice");
    options_.voice = folder_.path() / "voice";
    options_.output = folder_.path() / "small";
    options_.lexicon = fs::path(M2TTS_BINARY_DIR) / "lexicon/en_US.lex";
  }
  void SaveVoice(const std::string& name, const std::vector<std::string>& speakers) {
    VoiceManifest manifest;
    manifest.name = name;
    manifest.language = "en-US";
    manifest.licence = "Apache-2.0";
    manifest.speakers = speakers;
    manifest.phoneme_set_version = kPhonemeSetVersion;
    manifest.weights_dtype = "fp16";
    manifest.model.hidden = 16;
    manifest.model.encoder_layers = manifest.model.decoder_layers = 1;
    manifest.model.predictor_hidden = 16;
    manifest.model.speakers = static_cast<int>(speakers.size());
    manifest.model.vocoder.type = "griffin_lim";
    const auto model = M2TTSModel::Create(manifest.model, manifest.audio);
    ASSERT_TRUE(model.ok()) << model.status();
    const Status saved = SaveVoiceBundle(folder_.path() / name, manifest, (*model)->Weights());
    ASSERT_TRUE(saved.ok()) << saved;
  }
  void Put(const std::string& name, const std::string& text) const {
    ASSERT_TRUE(WriteFileAtomic(folder_.path() / name, text).ok());
  }
  std::string Get(const std::string& name) const {
    return ReadFile(folder_.path() / name).value_or("(none)");
  }

  const TempFolder folder_;
  CompressOptions options_;
};

TEST_F(CompressFilesTest, AWrongSpeakerOrRecordingLeavesTheOutputAlone) {
  options_.speaker = "nobody";
  EXPECT_EQ(CompressVoice(options_).status().code(), StatusCode::kInvalidArgument);
  EXPECT_FALSE(fs::exists(options_.output));
  SaveVoice("small", {"old"});
  const std::string before = Get("small/voice.json");
  EXPECT_EQ(CompressVoice(options_).status().code(), StatusCode::kInvalidArgument);
  options_.speaker.clear();
  options_.recordings = {{"a", "Hello.", folder_.path() / "a.wav", "table:1", ""},
                         {"b", "Hello.", folder_.path() / "b.wav", "table:2", ""}};
  const Status missing = CompressVoice(options_).status();
  EXPECT_THAT(std::string(missing.message()), HasSubstr("table:1: sentence 'a'"));
  EXPECT_THAT(std::string(missing.message()), HasSubstr("table:2: sentence 'b'"));
  EXPECT_EQ(Get("small/voice.json"), before);
}

TEST_F(CompressFilesTest, NothingOfAnotherVoiceStays) {
  SaveVoice("small", {"old"});
  Put("small/lexicon.txt", "GIF  G IH1 F\n");
  Put("small/text.yaml", "say_and: true\n");
  Put("small/MODEL_CARD.md", "of another voice");
  options_.output = folder_.path() / "small/";  // a slash at the end is no other name
  const auto report = CompressVoice(options_);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(Get("small/lexicon.txt"), Get("voice/lexicon.txt"));
  EXPECT_EQ(Get("small/MODEL_CARD.md"), "of the voice");
  EXPECT_EQ(Get("small/text.yaml"), "(none)");
  const auto bundle = LoadVoiceBundle(folder_.path() / "small");
  ASSERT_TRUE(bundle.ok()) << bundle.status();
  EXPECT_EQ(bundle->manifest.name, "small");
  EXPECT_EQ(bundle->manifest.speakers, (std::vector<std::string>{"anna", "bert"}));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator()),
            2);  // nothing else
}

TEST_F(CompressFilesTest, NeitherFolderMayHoldTheOther) {
  for (const fs::path& output :
       {options_.voice / "sub", options_.voice / "deep/er/", folder_.path() / "voice/../voice/sub"}) {
    options_.output = output;
    const Status status = CompressVoice(options_).status();
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << output;
    EXPECT_THAT(std::string(status.message()), HasSubstr("choose another folder"));
    EXPECT_FALSE(fs::exists(output)) << output;
  }
  options_.output = folder_.path();
  EXPECT_EQ(CompressVoice(options_).status().code(), StatusCode::kInvalidArgument);
  fs::create_directory_symlink(options_.voice, folder_.path() / "link");
  options_.output = folder_.path() / "link/sub";
  EXPECT_EQ(CompressVoice(options_).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(Get("voice/MODEL_CARD.md"), "of the voice");
}

TEST(CompressorTest, MeasuresBothVoicesAgainstRecordings) {
  ConfigureCpuThreads(1);
  const TempFolder folder;
  CompressOptions options;
  options.voice = fs::path(M2TTS_SOURCE_DIR) / "voices/en_US-slt";
  options.output = folder.path() / "small";
  options.lexicon = fs::path(M2TTS_BINARY_DIR) / "lexicon/en_US.lex";
  options.recordings = {{"LJ001-0008", "has never been surpassed.",
                         fs::path(M2TTS_SOURCE_DIR) / "tests/data/ljspeech/LJ001-0008.wav", "", ""}};
  const auto report = CompressVoice(options);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->sentences, 1u);
  ASSERT_TRUE(report->before.mcd_db.has_value() && report->after.mcd_db.has_value());
  // Another person says it otherwise; 8 bits change little of that.
  EXPECT_GT(*report->before.mcd_db, 3.0);
  EXPECT_NEAR(*report->before.mcd_db, *report->after.mcd_db, 0.3);
  EXPECT_NE(FormatCompressTable(*report).find("MCD dB"), std::string::npos);
  const auto json = nlohmann::json::parse(FormatCompressJson(*report));
  EXPECT_DOUBLE_EQ(json["before"]["mcd_db"], *report->before.mcd_db);
  EXPECT_DOUBLE_EQ(json["after"]["mcd_db"], *report->after.mcd_db);
}

// What every voice that is shipped, and every config for one, keeps to.
constexpr int64_t kMostParameters = 3'700'000;
constexpr double kMostGflop = 0.44;  // per second of audio

void ExpectSmall(const ModelConfig& config, const AudioConfig& audio) {
  const auto model = M2TTSModel::Create(config, audio);
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_LE((*model)->ParameterCount(), kMostParameters);
  EXPECT_LE(GflopPerAudioSecond(config, audio, *(*model)->vocoder), kMostGflop);
}

TEST(SizesTest, OfShippedVoices) {
  const fs::path root = fs::path(M2TTS_SOURCE_DIR) / "voices";
  const auto names = ListVoiceFolders(root);
  ASSERT_TRUE(names.ok()) << names.status();
  EXPECT_GE(names->size(), 2u);
  for (const std::string& name : *names) {
    SCOPED_TRACE(name);
    int64_t shipped = 0;
    for (const auto& file : fs::recursive_directory_iterator(root / name)) {
      if (file.is_regular_file()) shipped += static_cast<int64_t>(file.file_size());
    }
    EXPECT_LE(shipped, 15'000'000);
    const auto bundle = LoadVoiceBundle(root / name);
    ASSERT_TRUE(bundle.ok()) << bundle.status();
    ExpectSmall(bundle->manifest.model, bundle->manifest.audio);
    const auto stored = StoreWeights(bundle->weights, "int8");
    ASSERT_TRUE(stored.ok()) << stored.status();
    const auto bytes = SerializeSafetensors(*stored, {{"format", "m2tts"}});
    ASSERT_TRUE(bytes.ok()) << bytes.status();
    EXPECT_LE(bytes->size() + fs::file_size(root / name / "voice.json"), 4'000'000u);
  }
}

TEST(SizesTest, OfTheModelsOfConfigs) {
  int checked = 0;
  for (const auto& file : fs::directory_iterator(fs::path(M2TTS_SOURCE_DIR) / "configs")) {
    if (file.path().extension() != ".yaml" || file.path().filename() == "m2ttsd.yaml") continue;
    SCOPED_TRACE(file.path().string());
    const auto config = LoadTrainConfig(file.path());
    ASSERT_TRUE(config.ok()) << config.status();
    ExpectSmall(config->model, config->audio);
    ++checked;
  }
  EXPECT_GE(checked, 3);
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
