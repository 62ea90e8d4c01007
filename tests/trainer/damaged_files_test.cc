// What training keeps on disk beside checkpoints, damaged in every way: made anew where it can be, else an
// error that names the file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/base/file.h"
#include "tests/core/base/temp_folder.h"
#include "trainer/data/corpus.h"
#include "trainer/data/dataset.h"
#include "trainer/data/speech_statistics.h"
#include "trainer/stages/aligner_stage.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

using ::testing::HasSubstr;

class DamagedFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(WriteDummyCorpus(folder_.path() / "corpus", 6, 22050).ok());
    const auto config = ParseTrainConfig(
        fmt::format("data: {{root: {0}/corpus, cache: {0}/cache, validation: 1}}", folder_.path().string()),
        "test");
    ASSERT_TRUE(config.ok()) << config.status();
    config_ = *config;
  }
  StatusOr<Corpus> Load() const {
    return LoadCorpus(config_, fs::path(M2TTS_BINARY_DIR) / "lexicon/en_US.lex", nullptr);
  }
  // Files of the cache whose names hold `part`.
  std::vector<fs::path> Cached(const std::string& part) const {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder_.path() / "cache")) {
      if (entry.is_regular_file() && entry.path().string().find(part) != std::string::npos) {
        files.push_back(entry.path());
      }
    }
    return files;
  }
  // A new file in the place of `path`, which may be mapped. Not synced: there are many.
  static void Put(const fs::path& path, const std::string& bytes) {
    fs::remove(path);
    std::ofstream(path, std::ios::binary) << bytes;
  }

  const TempFolder folder_;
  TrainConfig config_;
};

TEST_F(DamagedFilesTest, FeaturesAreComputedAnew) {
  const auto corpus = Load();
  ASSERT_TRUE(corpus.ok()) << corpus.status();
  const Utterance& utterance = corpus->utterances[0];
  const auto found = Cached(utterance.features_key);
  ASSERT_EQ(found.size(), 1u);
  const auto whole = ReadFile(found[0]);
  ASSERT_TRUE(whole.ok());
  const auto mel = corpus->Features(0)->mel.clone();
  const auto file = ReadSafetensors(found[0]);
  ASSERT_TRUE(file.ok());
  TensorMap without = file->tensors;
  without.erase("energy");  // as an earlier version wrote it
  std::vector<std::string> damages = {"",
                                      "x",
                                      std::string(whole->size(), '\0'),
                                      *whole + "x",
                                      *SerializeSafetensors(without, file->metadata),
                                      *SerializeSafetensors(file->tensors, {})};
  // Ends within the length, the header, each tensor.
  for (const size_t length : {size_t{1}, size_t{7}, size_t{8}, size_t{9}, size_t{100}, whole->size() / 3,
                              whole->size() / 2, whole->size() - 1}) {
    damages.push_back(whole->substr(0, length));
  }
  for (size_t at = 0; at < whole->size(); at += whole->size() / 40) {
    damages.push_back(*whole);
    damages.back()[at] ^= 0x10;
  }
  for (size_t i = 0; i < damages.size(); ++i) {
    Put(found[0], damages[i]);
    // A cache that has not read the file yet, as in a new process.
    const auto cache = FeatureCache::Open(config_.data.cache, config_.audio);
    ASSERT_TRUE(cache.ok());
    const auto features = (*cache)->Read(utterance.recording, utterance.features_key);
    ASSERT_TRUE(features.ok()) << i << features.status();
    EXPECT_TRUE(torch::equal(features->mel, mel)) << i;
    EXPECT_EQ(features->energy.numel(), features->frames()) << i;
    EXPECT_EQ(*ReadFile(found[0]), *whole) << i;
  }
}

TEST_F(DamagedFilesTest, AnIndexThatTellsAnotherLengthIsCorrected) {
  ASSERT_TRUE(Load().ok());
  const fs::path path = folder_.path() / "cache/index";
  const auto whole = ReadFile(path);
  ASSERT_TRUE(whole.ok());
  // "KEY FRAMES SUM STAMP"
  std::string index = *whole;
  const size_t line = index.find('\n') + 1, frames = line + 65;
  index.replace(frames, index.find(' ', frames) - frames, "123");
  Put(path, index);
  auto corpus = Load();
  ASSERT_TRUE(corpus.ok()) << corpus.status();
  for (int i = 0; i < static_cast<int>(corpus->utterances.size()); ++i) {
    const auto features = corpus->Features(i);
    ASSERT_TRUE(features.ok()) << features.status();
    EXPECT_EQ(features->frames(), corpus->utterances[i].frames);
  }
  EXPECT_EQ(*ReadFile(path), *whole);

  ++corpus->utterances[0].frames;
  const auto features = corpus->Features(0);
  EXPECT_TRUE(absl::IsDataLoss(features.status())) << features.status();
  EXPECT_THAT(std::string(features.status().message()), HasSubstr("delete the file 'index'"));
}

TEST_F(DamagedFilesTest, StatisticsAreMeasuredAnew) {
  const auto before = Load();
  ASSERT_TRUE(before.ok());
  const auto found = Cached("statistics-");
  ASSERT_EQ(found.size(), 1u);
  const auto whole = ReadFile(found[0]);
  ASSERT_TRUE(whole.ok());
  const auto file = ReadSafetensors(found[0]);
  ASSERT_TRUE(file.ok());
  TensorMap other = file->tensors;
  other.erase("energy");
  const TensorMap strangers = {{"a", torch::ones({1})}, {"b", torch::ones({1})}, {"c", torch::ones({1})}};
  TensorMap turned = file->tensors;  // the same bytes in another shape
  turned["mel_mean"] = turned["mel_mean"].view({-1, 1});
  std::string flipped = *whole;
  flipped.back() = static_cast<char>(flipped.back() ^ 1);
  for (const std::string& bytes :
       {std::string("x"), whole->substr(0, whole->size() / 2), *SerializeSafetensors(other, {}),
        *SerializeSafetensors(strangers, {}), *SerializeSafetensors(turned, file->metadata),
        *SerializeSafetensors(file->tensors, {}), flipped}) {
    Put(found[0], bytes);
    const auto after = Load();
    ASSERT_TRUE(after.ok()) << after.status();
    EXPECT_TRUE(torch::equal(after->statistics.mel_mean, before->statistics.mel_mean));
    EXPECT_TRUE(torch::equal(after->statistics.energy, before->statistics.energy));
    EXPECT_EQ(*ReadFile(found[0]), *whole);
  }
  fs::remove(found[0]);
  fs::create_symlink(found[0].filename(), found[0]);  // which leads nowhere
  ASSERT_TRUE(Load().ok());
  EXPECT_EQ(*ReadFile(found[0]), *whole);
}

TEST_F(DamagedFilesTest, DurationsThatDoNotFitNameTheirFileAndSayWhatToDo) {
  auto corpus = Load();
  ASSERT_TRUE(corpus.ok());
  for (Utterance& utterance : corpus->utterances) {
    utterance.durations.assign(utterance.sentence.phonemes.size(), 1);
    utterance.durations[0] += utterance.frames - static_cast<int64_t>(utterance.durations.size());
  }
  const fs::path path = folder_.path() / "durations.safetensors";
  ASSERT_TRUE(SaveDurations(path, *corpus).ok());
  Corpus again = *corpus;
  ASSERT_TRUE(LoadDurations(path, &again).ok());
  EXPECT_EQ(again.utterances[0].durations, corpus->utterances[0].durations);
  const auto whole = ReadFile(path);
  ASSERT_TRUE(whole.ok());
  for (size_t length = 0; length < whole->size(); length += 1 + whole->size() / 50) {
    Put(path, whole->substr(0, length));
    const Status status = LoadDurations(path, &again);
    EXPECT_TRUE(absl::IsDataLoss(status)) << length << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("durations.safetensors")) << length;
  }
  const auto with = [&](const torch::Tensor& first) {
    TensorMap tensors;
    for (const Utterance& utterance : corpus->utterances) {
      tensors.emplace(utterance.id, torch::tensor(utterance.durations).to(torch::kInt32));
    }
    tensors[corpus->utterances[0].id] = first;
    Put(path, *SerializeSafetensors(tensors, {}));
    const Status status = LoadDurations(path, &again);
    EXPECT_TRUE(absl::IsDataLoss(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("delete it to align anew"));
  };
  const auto good = torch::tensor(corpus->utterances[0].durations).to(torch::kInt32);
  with(good.narrow(0, 0, good.size(0) - 1));
  with(good + 1);
  auto negative = good.clone();
  negative[0] += 2;
  negative[1] -= 2;
  with(negative);
  with(torch::zeros({0}, torch::kInt32));
  with(torch::full({good.size(0)}, std::nan("")));
}

}  // namespace
}  // namespace m2tts
