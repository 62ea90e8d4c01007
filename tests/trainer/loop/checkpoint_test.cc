// Files of checkpoints that are whole, damaged, or hostile.
#include "trainer/loop/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "core/base/file.h"
#include "tests/core/base/temp_folder.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

using ::testing::HasSubstr;

Checkpoint Sample(int64_t step) {
  Checkpoint checkpoint;
  checkpoint.step = step;
  checkpoint.has_best = true;
  checkpoint.best = 0.125;
  checkpoint.parts = 4;
  checkpoint.piece_plan = "2 0 7";
  checkpoint.rate_scale = 0.5;
  checkpoint.config = "name: \"crc32c\":\"12345678\"\n";  // what looks like the checksum is not it
  checkpoint.state = {{"line.weights.a", torch::tensor({1.0f, 2.0f, 3.0f})},
                      {"line.updates", torch::tensor({int64_t{7}})}};
  return checkpoint;
}

class CheckpointFileTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(checkpoints_.Save(Sample(5), false).ok());
    ASSERT_TRUE(checkpoints_.Save(Sample(9), true).ok());
    const auto bytes = ReadFile(Newest());
    ASSERT_TRUE(bytes.ok()) << bytes.status();
    whole_ = *bytes;
  }
  fs::path Newest() const { return folder_.path() / "step-00000009.safetensors"; }
  // Not synced: there are many. A new file: the best is another name of the old one.
  void Put(const std::string& bytes) const {
    fs::remove(Newest());
    std::ofstream(Newest(), std::ios::binary) << bytes;
  }
  // The newest that reads well, which is not the damaged one.
  void ExpectThatTheOneBeforeIsTaken(const std::string& what) const {
    std::vector<std::string> messages;
    const auto latest = checkpoints_.LoadLatest(&messages);
    ASSERT_TRUE(latest.ok() && latest->has_value()) << what;
    EXPECT_EQ((*latest)->step, 5) << what;
    ASSERT_EQ(messages.size(), 1u) << what;
    EXPECT_THAT(messages[0], HasSubstr("step-00000009")) << what;
  }

  const TempFolder folder_;
  CheckpointFolder checkpoints_{folder_.path(), 2};
  std::string whole_;  // bytes of the newest
};

TEST_F(CheckpointFileTest, EverythingComesBack) {
  const Checkpoint wanted = Sample(9);
  for (const auto& path : {Newest(), folder_.path() / "best.safetensors"}) {
    const auto read = ReadCheckpoint(path);
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->step, wanted.step);
    EXPECT_TRUE(read->has_best);
    EXPECT_EQ(read->best, wanted.best);
    EXPECT_EQ(read->parts, wanted.parts);
    EXPECT_EQ(read->piece_plan, wanted.piece_plan);
    EXPECT_EQ(read->rate_scale, wanted.rate_scale);
    EXPECT_EQ(read->config, wanted.config);
    ASSERT_EQ(read->state.size(), wanted.state.size());
    for (const auto& [name, tensor] : wanted.state) EXPECT_TRUE(torch::equal(read->state.at(name), tensor));
  }
}

TEST_F(CheckpointFileTest, ATruncatedFileIsPassedOverWhereverItEnds) {
  for (size_t length = 1; length < whole_.size(); ++length) {
    Put(whole_.substr(0, length));
    EXPECT_TRUE(absl::IsDataLoss(ReadCheckpoint(Newest()).status())) << length;
  }
  ExpectThatTheOneBeforeIsTaken("a byte short");
  for (const std::string& bytes : {std::string(), whole_ + "x", std::string(whole_.size(), '\0')}) {
    Put(bytes);
    ExpectThatTheOneBeforeIsTaken(fmt::format("{} bytes", bytes.size()));
  }
}

TEST_F(CheckpointFileTest, NoBitTurnsUnnoticed) {
  const Checkpoint wanted = Sample(9);
  size_t read_all_the_same = 0;
  for (size_t at = 0; at < whole_.size(); ++at) {
    std::string bytes = whole_;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << at % 8));
    Put(bytes);
    const auto read = ReadCheckpoint(Newest());
    if (!read.ok()) continue;
    ++read_all_the_same;
    EXPECT_EQ(read->step, wanted.step) << at;
    EXPECT_EQ(read->config, wanted.config) << at;
    for (const auto& [name, tensor] : wanted.state) {
      EXPECT_TRUE(torch::equal(read->state.at(name), tensor)) << at << name;
    }
  }
  EXPECT_LE(read_all_the_same, std::string("crc32c").size()) << "another name of the checksum, nothing else";
}

TEST_F(CheckpointFileTest, AnEarlierFileWithoutChecksumIsRead) {
  const auto bytes = SerializeSafetensors(Sample(9).state, {{"step", "9"}, {"config", "x: 1"}});
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  Put(*bytes);
  const auto read = ReadCheckpoint(Newest());
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->step, 9);
  EXPECT_EQ(read->parts, 1);
  EXPECT_EQ(read->rate_scale, 1.0);
  EXPECT_FALSE(read->has_best);
}

TEST_F(CheckpointFileTest, MetadataOfNoCheckpointAreRefused) {
  using Metadata = std::map<std::string, std::string>;
  const std::vector<Metadata> cases = {{},
                                       {{"step", ""}},
                                       {{"step", "-1"}},
                                       {{"step", "1e3"}},
                                       {{"step", " 9"}},
                                       {{"step", "99999999999999999999"}},
                                       {{"step", "9000000000000000000"}},
                                       {{"step", "9"}, {"parts", "0"}},
                                       {{"step", "9"}, {"parts", "-4"}},
                                       {{"step", "9"}, {"parts", "2147483647"}},
                                       {{"step", "9"}, {"parts", "2.5"}},
                                       {{"step", "9"}, {"rate_scale", "nan"}},
                                       {{"step", "9"}, {"rate_scale", "-1"}},
                                       {{"step", "9"}, {"rate_scale", "1e9"}},
                                       {{"step", "9"}, {"best", "nan"}},
                                       {{"step", "9"}, {"best", "good"}}};
  for (size_t i = 0; i < cases.size(); ++i) {
    const auto bytes = SerializeSafetensors(Sample(9).state, cases[i]);
    ASSERT_TRUE(bytes.ok()) << bytes.status();
    Put(*bytes);
    EXPECT_TRUE(absl::IsDataLoss(ReadCheckpoint(Newest()).status())) << i;
  }
}

TEST_F(CheckpointFileTest, OtherThingsInTheFolderAreNoCheckpoints) {
  fs::create_directories(folder_.path() / "step-00000077.safetensors");
  for (const char* name : {"step-.safetensors", "step-x.safetensors", "step-00000099.tmp", "notes.txt"}) {
    std::ofstream(folder_.path() / name) << "something";
  }
  std::vector<std::string> messages;
  const auto latest = checkpoints_.LoadLatest(&messages);
  ASSERT_TRUE(latest.ok() && latest->has_value());
  EXPECT_EQ((*latest)->step, 9);
  for (const std::string& message : messages) EXPECT_THAT(message, HasSubstr("passing over"));
}

TEST_F(CheckpointFileTest, TheBestIsTakenWhenNothingElseReads) {
  Put("half");
  fs::remove(folder_.path() / "step-00000005.safetensors");
  std::vector<std::string> messages;
  const auto latest = checkpoints_.LoadLatest(&messages);
  ASSERT_TRUE(latest.ok() && latest->has_value()) << latest.status();
  EXPECT_EQ((*latest)->step, 9);
  EXPECT_EQ(messages.size(), 1u);
}

TEST_F(CheckpointFileTest, WhenNothingReadsItIsNotAsIfNothingWereThere) {
  fs::remove(folder_.path() / "step-00000005.safetensors");
  fs::remove(folder_.path() / "best.safetensors");
  Put("half");
  for (int i = 0; i < 2; ++i) {  // also once it has its other name
    EXPECT_TRUE(checkpoints_.Begun());
    std::vector<std::string> messages;
    const auto latest = checkpoints_.Resume(&messages);
    EXPECT_TRUE(absl::IsDataLoss(latest.status())) << latest.status();
    EXPECT_THAT(std::string(latest.status().message()), HasSubstr(folder_.path().string()));
    EXPECT_TRUE(absl::IsDataLoss(checkpoints_.LoadBest(&messages).status()));
  }
}

TEST_F(CheckpointFileTest, TheOwnerSetsDamagedOnesAsideAndCleansUp) {
  const auto place = [&](const std::string& name) { return folder_.path() / name; };
  for (const char* name : {".step-00000010.safetensors.AbC123", "best.safetensors.new", "notes.txt"}) {
    std::ofstream(place(name)) << "something";
  }
  Put("half");
  std::vector<std::string> messages;
  // A reader leaves everything as it is.
  ASSERT_TRUE(checkpoints_.LoadLatest(&messages).ok());
  EXPECT_TRUE(fs::exists(Newest()));
  EXPECT_TRUE(fs::exists(place(".step-00000010.safetensors.AbC123")));
  const auto latest = checkpoints_.Resume(&messages);
  ASSERT_TRUE(latest.ok() && latest->has_value()) << latest.status();
  EXPECT_EQ((*latest)->step, 5);
  EXPECT_FALSE(fs::exists(Newest()));
  EXPECT_TRUE(fs::exists(place("step-00000009.safetensors.damaged")));
  EXPECT_FALSE(fs::exists(place(".step-00000010.safetensors.AbC123")));
  EXPECT_FALSE(fs::exists(place("best.safetensors.new")));
  EXPECT_TRUE(fs::exists(place("notes.txt")));
  // Those that follow are not deleted in place of the damaged one.
  for (const int64_t step : {6, 7, 8}) {
    ASSERT_TRUE(checkpoints_.Save(Sample(step), false).ok());
    EXPECT_TRUE(fs::exists(place(fmt::format("step-{:08d}.safetensors", step))));
  }
}

TEST_F(CheckpointFileTest, OneThatCannotBeOpenedIsNotCalledDamaged) {
  // A link to itself: ELOOP, which says nothing about what is behind it.
  const fs::path unreadable = folder_.path() / "step-00000011.safetensors";
  fs::create_symlink(unreadable, unreadable);
  std::vector<std::string> messages;
  const auto latest = checkpoints_.Resume(&messages);
  EXPECT_TRUE(absl::IsInternal(latest.status())) << latest.status();
  EXPECT_THAT(std::string(latest.status().message()), HasSubstr("step-00000011"));
  EXPECT_TRUE(fs::is_symlink(unreadable));
  EXPECT_TRUE(messages.empty());
}

TEST_F(CheckpointFileTest, NamesThatAKilledWriteDidNotGiveAreGiven) {
  ASSERT_TRUE(checkpoints_.Save(Sample(10), true, true).ok());
  const fs::path best = folder_.path() / "best.safetensors",
                 milestone = folder_.path() / "milestone-00000010.safetensors";
  const std::string older = whole_;  // step 9, the best before
  for (const bool has_older : {true, false}) {
    fs::remove(best);
    fs::remove(milestone);
    if (has_older) std::ofstream(best, std::ios::binary) << older;
    std::vector<std::string> messages;
    ASSERT_TRUE(checkpoints_.Resume(&messages).ok());
    EXPECT_EQ(checkpoints_.LoadBest(&messages)->step, 10);
    EXPECT_TRUE(fs::exists(milestone));
  }
  // One that is neither gets no names.
  ASSERT_TRUE(checkpoints_.Save(Sample(12), false).ok());
  std::vector<std::string> messages;
  ASSERT_TRUE(checkpoints_.Resume(&messages).ok());
  EXPECT_EQ(checkpoints_.LoadBest(&messages)->step, 10);
  EXPECT_FALSE(fs::exists(folder_.path() / "milestone-00000012.safetensors"));
}

TEST_F(CheckpointFileTest, ADamagedBestIsNotReplacedByAnother) {
  std::vector<std::string> messages;
  fs::remove(folder_.path() / "best.safetensors");
  const auto newest = checkpoints_.LoadBest(&messages);
  ASSERT_TRUE(newest.ok()) << newest.status();
  EXPECT_EQ(newest->step, 9) << "without a best the newest";
  std::ofstream(folder_.path() / "best.safetensors") << "half";
  EXPECT_TRUE(absl::IsDataLoss(checkpoints_.LoadBest(&messages).status()));
}

}  // namespace
}  // namespace m2tts
