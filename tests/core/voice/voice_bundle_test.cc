#include "core/voice/voice_bundle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <string>

#include "core/base/sha256.h"
#include "tests/core/base/temp_folder.h"
#include "tests/core/voice/tiny_voice.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A root of voices that holds the tiny voice.
class VoiceBundleTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(SaveVoiceBundle(folder(), TinyManifest(), TinyWeights()), OkStatus()); }

  fs::path folder() const { return root_.path() / "tiny"; }
  fs::path manifest_path() const { return folder() / "voice.json"; }
  fs::path weights_path() const { return folder() / "model.safetensors"; }

  // Replaces text in voice.json.
  void EditManifest(const std::string& from, const std::string& to) {
    std::string text = *ReadFile(manifest_path());
    const size_t place = text.find(from);
    ASSERT_NE(place, std::string::npos) << from;
    ASSERT_TRUE(WriteFileAtomic(manifest_path(), text.replace(place, from.size(), to)).ok());
  }
  // Replaces the weights, with a checksum that fits.
  void ReplaceWeights(const std::string& bytes) {
    EditManifest(Sha256Hex(*ReadFile(weights_path())), Sha256Hex(bytes));
    ASSERT_TRUE(WriteFileAtomic(weights_path(), bytes).ok());
  }
  // The load error, which must have this code.
  std::string LoadError(StatusCode code) {
    const auto bundle = LoadVoiceBundle(folder());
    EXPECT_EQ(bundle.status().code(), code) << bundle.status();
    return std::string(bundle.status().message());
  }

  TempFolder root_;
};

TEST_F(VoiceBundleTest, RoundTripsExactlyAsFp32) {
  const auto bundle = LoadVoiceBundle(folder());
  ASSERT_TRUE(bundle.ok()) << bundle.status();
  EXPECT_EQ(bundle->manifest.name, "tiny");
  EXPECT_EQ(bundle->manifest.weights_sha256, Sha256Hex(*ReadFile(weights_path())));
  EXPECT_EQ(bundle->bytes,
            static_cast<int64_t>(fs::file_size(manifest_path()) + fs::file_size(weights_path())));
  ASSERT_EQ(bundle->weights.size(), 2u);
  for (const auto& [name, tensor] : TinyWeights())
    EXPECT_TRUE(torch::equal(bundle->weights.at(name), tensor));
}

TEST_F(VoiceBundleTest, Fp16IsWidened) {
  VoiceManifest manifest = TinyManifest();
  manifest.weights_dtype = "fp16";
  ASSERT_EQ(SaveVoiceBundle(folder() / "", manifest, TinyWeights()), OkStatus());
  const auto bundle = LoadVoiceBundle(folder() / "");
  ASSERT_TRUE(bundle.ok()) << bundle.status();
  for (const auto& [name, tensor] : TinyWeights()) {
    EXPECT_EQ(bundle->weights.at(name).scalar_type(), torch::kFloat);
    EXPECT_TRUE(torch::equal(bundle->weights.at(name), tensor.to(torch::kHalf).to(torch::kFloat)));
  }
}

TEST_F(VoiceBundleTest, SavingReplacesAndKeepsOtherFiles) {
  ASSERT_TRUE(WriteFileAtomic(folder() / "MODEL_CARD.md", "card").ok());
  const auto old_bundle = LoadVoiceBundle(folder());
  ASSERT_EQ(SaveVoiceBundle(folder(), TinyManifest(), {{"new", torch::zeros({2})}}), OkStatus());
  EXPECT_EQ(LoadVoiceBundle(folder())->weights.count("new"), 1u);
  EXPECT_EQ(*ReadFile(folder() / "MODEL_CARD.md"), "card");
  EXPECT_EQ(old_bundle->weights.at("encoder.bias").size(0), 3);           // its mapping lives on
  EXPECT_EQ(std::distance(fs::directory_iterator(root_.path()), {}), 1);  // no temporary left
}

TEST_F(VoiceBundleTest, SavingWhatIsMadeOfAnotherVoiceTakesItsFilesAlone) {
  ASSERT_TRUE(WriteFileAtomic(folder() / "lexicon.txt", "of tiny").ok());
  VoiceManifest manifest = TinyManifest();
  manifest.name = "made";
  const fs::path made = root_.path() / "made";
  ASSERT_EQ(SaveVoiceBundle(made, manifest, TinyWeights()), OkStatus());
  ASSERT_TRUE(WriteFileAtomic(made / "lexicon.txt", "of made").ok());
  ASSERT_TRUE(WriteFileAtomic(made / "text.yaml", "of made").ok());
  ASSERT_EQ(SaveVoiceBundle(made, manifest, TinyWeights(), folder()), OkStatus());
  EXPECT_EQ(*ReadFile(made / "lexicon.txt"), "of tiny");
  EXPECT_FALSE(fs::exists(made / "text.yaml"));
  EXPECT_TRUE(LoadVoiceBundle(made).ok());
}

TEST(FolderNameTest, WhateverWayItIsWritten) {
  for (const char* folder : {"voices/slt", "voices/slt/", "voices/slt/.", "voices/x/../slt//", "/slt"}) {
    EXPECT_EQ(FolderName(folder), "slt") << folder;
  }
  EXPECT_EQ(FolderName("."), fs::current_path().filename());
}

TEST_F(VoiceBundleTest, SavingRefusesBadInputAndLeavesTheOldVoice) {
  const auto expect_refused = [&](const VoiceManifest& manifest, const TensorMap& weights,
                                  const fs::path& place) {
    EXPECT_FALSE(SaveVoiceBundle(place, manifest, weights).ok());
  };
  VoiceManifest wrong_name = TinyManifest();
  wrong_name.name = "other";
  expect_refused(wrong_name, TinyWeights(), folder());
  wrong_name.name = "..";
  expect_refused(wrong_name, TinyWeights(), folder() / "..");
  VoiceManifest wrong_dtype = TinyManifest();
  wrong_dtype.weights_dtype = "int4";
  expect_refused(wrong_dtype, TinyWeights(), folder());
  VoiceManifest fp16 = TinyManifest();
  fp16.weights_dtype = "fp16";
  expect_refused(fp16, {{"large", torch::full({1}, 1e6)}}, folder());  // infinite in fp16
  expect_refused(TinyManifest(), {{"nan", torch::full({1}, NAN)}}, folder());
  expect_refused(TinyManifest(), {{"ids", torch::ones({1}, torch::kLong)}}, folder());
  ASSERT_TRUE(WriteFileAtomic(root_.path() / "sub" / "tiny" / "precious.txt", "x").ok());
  EXPECT_EQ(SaveVoiceBundle(root_.path() / "sub" / "tiny", TinyManifest(), TinyWeights()).code(),
            StatusCode::kAlreadyExists);
  EXPECT_TRUE(LoadVoiceBundle(folder()).ok());
  EXPECT_EQ(std::distance(fs::directory_iterator(root_.path()), {}), 2);
}

TEST_F(VoiceBundleTest, MissingFiles) {
  fs::remove(weights_path());
  EXPECT_THAT(LoadError(StatusCode::kNotFound), HasSubstr("model.safetensors"));
  fs::remove(manifest_path());
  EXPECT_THAT(LoadError(StatusCode::kNotFound), HasSubstr("voice.json"));
}

TEST_F(VoiceBundleTest, BadJsonNamesFileAndByte) {
  ASSERT_TRUE(WriteFileAtomic(manifest_path(), "{\"name\": ").ok());
  EXPECT_THAT(LoadError(StatusCode::kInvalidArgument), AllOf(HasSubstr("voice.json"), HasSubstr("byte")));
  ASSERT_TRUE(WriteFileAtomic(manifest_path(), std::string(1 << 20, ' ')).ok());
  EXPECT_THAT(LoadError(StatusCode::kResourceExhausted), HasSubstr("limit"));
}

TEST_F(VoiceBundleTest, WrongPhonemeSetVersion) {
  EditManifest("\"phoneme_set_version\": 1", "\"phoneme_set_version\": 7");
  EXPECT_THAT(LoadError(StatusCode::kInvalidArgument), HasSubstr("phoneme_set_version: the voice has 7"));
}

TEST_F(VoiceBundleTest, NameMustBeTheFoldersName) {
  EditManifest("\"name\": \"tiny\"", "\"name\": \"other\"");
  EXPECT_THAT(LoadError(StatusCode::kInvalidArgument), HasSubstr("'other' is not the name of the folder"));
}

TEST_F(VoiceBundleTest, PathTraversalInTheName) {
  EditManifest("\"name\": \"tiny\"", "\"name\": \"../tiny\"");
  EXPECT_THAT(LoadError(StatusCode::kInvalidArgument), HasSubstr("name: '../tiny'"));
}

TEST_F(VoiceBundleTest, OneChangedBitIsFound) {
  std::string bytes = *ReadFile(weights_path());
  bytes.back() ^= 1;
  ASSERT_TRUE(WriteFileAtomic(weights_path(), bytes).ok());
  EXPECT_THAT(LoadError(StatusCode::kDataLoss), AllOf(HasSubstr("model.safetensors"), HasSubstr("SHA-256")));
}

TEST_F(VoiceBundleTest, TruncatedWeights) {
  const std::string bytes = *ReadFile(weights_path());
  ASSERT_TRUE(WriteFileAtomic(weights_path(), bytes.substr(0, bytes.size() - 4)).ok());
  EXPECT_THAT(LoadError(StatusCode::kDataLoss), HasSubstr("SHA-256"));
  ASSERT_TRUE(WriteFileAtomic(weights_path(), bytes).ok());
  ReplaceWeights(bytes.substr(0, bytes.size() - 4));  // even with a checksum that fits
  EXPECT_THAT(LoadError(StatusCode::kDataLoss), HasSubstr("truncated"));
}

TEST_F(VoiceBundleTest, WeightsOfAnotherType) {
  ReplaceWeights(*SerializeSafetensors({{"x", torch::ones({1}, torch::kHalf)}}, {}));
  EXPECT_THAT(LoadError(StatusCode::kDataLoss), HasSubstr("'x' is Half"));
}

TEST_F(VoiceBundleTest, ListsOnlyVoices) {
  fs::create_directories(root_.path() / "lexicon");
  fs::create_directories(root_.path() / ".tiny.abc");
  ASSERT_TRUE(WriteFileAtomic(root_.path() / ".tiny.abc" / "voice.json", "{}").ok());
  ASSERT_TRUE(WriteFileAtomic(root_.path() / "README.md", "x").ok());
  ASSERT_TRUE(WriteFileAtomic(root_.path() / "another" / "voice.json", "{}").ok());
  const auto names = ListVoiceFolders(root_.path());
  ASSERT_TRUE(names.ok()) << names.status();
  EXPECT_THAT(*names, ElementsAre("another", "tiny"));
  EXPECT_EQ(ListVoiceFolders(root_.path() / "missing").status().code(), StatusCode::kNotFound);
}

}  // namespace
}  // namespace m2tts
