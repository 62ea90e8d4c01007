#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/base/file.h"
#include "tests/core/base/temp_folder.h"
#include "tests/trainer/clip_makers.h"
#include "trainer/data/corpus.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

// What becomes of the rows of a corpus.
class LoadCorpusTest : public testing::Test {
 protected:
  void Put(const std::string& id, double seconds, const std::string& text = "Say ah.") {
    PutBytes(id, Wav(Noise(static_cast<size_t>(22050 * seconds), 0.3f)), text);
  }
  void PutBytes(const std::string& id, const std::string& bytes, const std::string& text = "Say ah.") {
    ASSERT_TRUE(WriteFileAtomic(root_ / "corpus/wavs" / (id + ".wav"), bytes).ok());
    metadata_ += id + "|" + text + "\n";
  }
  // A row of a table, which names its speaker.
  void PutSaid(const std::string& id, const std::string& speaker) {
    if (metadata_.empty()) metadata_ = "file|text|speaker\n";
    const auto rows = metadata_;
    Put(id, 1.0);
    metadata_ = fmt::format("{}wavs/{}.wav|Say ah.|{}\n", rows, id, speaker);
  }
  StatusOr<Corpus> Load(const std::string& data = "validation: 1", const std::string& more = "",
                        const LoadProgress& progress = nullptr) {
    EXPECT_TRUE(WriteFileAtomic(root_ / "corpus/metadata.csv", metadata_).ok());
    const auto config = ParseTrainConfig(
        fmt::format("data: {{root: {0}/corpus, cache: {0}/cache, {1}}}\n{2}", root_.string(), data, more),
        "test");
    EXPECT_TRUE(config.ok()) << config.status();
    return LoadCorpus(*config, fs::path(M2TTS_BINARY_DIR) / "lexicon/en_US.lex", progress);
  }
  std::string Error(const std::string& more = "") {
    const auto corpus = Load("validation: 1", more);
    EXPECT_TRUE(absl::IsInvalidArgument(corpus.status())) << corpus.status();
    return std::string(corpus.status().message());
  }

  const TempFolder folder_;
  const fs::path root_ = folder_.path();
  std::string metadata_;
};

TEST_F(LoadCorpusTest, OfClipsThatAreAllHeldOutOneIsLearnedFrom) {
  ASSERT_TRUE(IsHeldOut("b", 0.5) && IsHeldOut("c", 0.5));
  Put("b", 1.0);
  Put("c", 1.2);
  const auto corpus = Load("validation: 48");
  ASSERT_TRUE(corpus.ok()) << corpus.status();
  EXPECT_THAT(corpus->training, ElementsAre(0));
  EXPECT_THAT(corpus->validation, ElementsAre(1));
}

TEST_F(LoadCorpusTest, WhatDoesNotFitIsLeftOutWithTheReason) {
  Put("a", 1.0);
  PutBytes("silent", Wav(std::vector<float>(22050, 0.0f)));
  Put("long", 3.0);
  Put("hour", 61.0);
  Put("short", 0.25);
  Put("b", 1.0);
  Put("dense", 0.35, "Nobody could possibly say all of this in so little time.");
  Put("c", 1.0);
  const auto corpus = Load("validation: 1, max_seconds: 2");
  ASSERT_TRUE(corpus.ok()) << corpus.status();
  EXPECT_THAT(corpus->utterances, SizeIs(3));
  EXPECT_THAT(corpus->left_out_clips,
              ElementsAre(HasSubstr("silent.wav: 0.00 s of sound"), "long: 3.01 s, data.max_seconds is 2",
                          HasSubstr("hour.wav: 61.00 s of sound"), "short: 0.26 s, data.min_seconds is 0.3",
                          HasSubstr("dense: 0.36 s are 31 frames, too few for ")));
  EXPECT_EQ(corpus->left_out_clips[0].rfind("silent: ", 0), 0u);
}

TEST_F(LoadCorpusTest, EveryClipThatCannotBeReadIsNamedAtOnce) {
  Put("a", 1.0);
  PutBytes("junk", "RIFFnonsense");
  Put("latin", 1.0, "A caf\xE9.");
  PutBytes("empty", "");
  Put("b", 1.0);
  const std::string error = Error();
  const std::string table = (root_ / "corpus/metadata.csv").string();
  EXPECT_THAT(error, HasSubstr("(3)"));
  EXPECT_THAT(error, HasSubstr("\n  " + table + ":2: " + (root_ / "corpus/wavs/junk.wav").string()));
  EXPECT_THAT(error, HasSubstr("\n  " + table + ":3: "));
  EXPECT_THAT(error, HasSubstr("\n  " + table + ":4: " + (root_ / "corpus/wavs/empty.wav").string()));
  EXPECT_THAT(error, Not(HasSubstr("csv:5")));
  EXPECT_THAT(error, HasSubstr("\n`m2tts-trainer check " + (root_ / "corpus").string() + "` tells all"));
  EXPECT_TRUE(fs::exists(root_ / "cache/index")) << "what is good is known to the next call";

  metadata_ += "a|twice\nnowhere|Say ah.\n";  // rows come first
  EXPECT_THAT(Error(), HasSubstr("(2)"));
}

TEST_F(LoadCorpusTest, OfManyThatCannotBeReadTheFirstAreNamed) {
  for (int i = 0; i < 60; ++i) PutBytes(fmt::format("junk{}", i), "junk");
  const std::string error = Error();
  EXPECT_THAT(error, HasSubstr("the first 20"));
  EXPECT_EQ(std::count(error.begin(), error.end(), '\n'), 21);
}

TEST_F(LoadCorpusTest, AnErrorOfProgressEndsIt) {
  for (int i = 0; i < 200; ++i) Put(fmt::format("c{}", i), 0.4);
  size_t last = 0;
  const auto corpus = Load("validation: 1", "", [&](size_t done, size_t total) {
    EXPECT_EQ(total, 200u);
    last = done;
    return done < 3 ? OkStatus() : Errorf(StatusCode::kCancelled, "enough");
  });
  EXPECT_EQ(corpus.status(), Errorf(StatusCode::kCancelled, "enough"));
  EXPECT_EQ(last, 3u);
}

TEST_F(LoadCorpusTest, ACacheThatCannotBeWrittenIsNoFaultOfTheClips) {
  Put("a", 1.0);
  Put("b", 1.1);
  // Every folder of features has a file in its place.
  for (int i = 0; i < 256; ++i) {
    ASSERT_TRUE(fs::create_directories(root_ / "cache") || i > 0);
    std::ofstream(root_ / "cache" / fmt::format("{:02x}", i)) << "in the way";
  }
  const auto corpus = Load();
  EXPECT_TRUE(absl::IsInternal(corpus.status())) << corpus.status();
  EXPECT_THAT(std::string(corpus.status().message()), HasSubstr("data.cache: "));
  EXPECT_THAT(std::string(corpus.status().message()), Not(HasSubstr("m2tts-trainer check")));
}

TEST_F(LoadCorpusTest, SpeakersWithoutClipsAreAnErrorAndUnlistedOnesAreTold) {
  for (int i = 0; i < 4; ++i) PutSaid(fmt::format("ann{}", i), "ann");
  for (int i = 0; i < 3; ++i) PutSaid(fmt::format("bob{}", i), "bob");
  for (int i = 0; i < 2; ++i) PutSaid(fmt::format("cat{}", i), "cat");
  const auto corpus = Load("validation: 1", "speakers: [ann, bob]");
  ASSERT_TRUE(corpus.ok()) << corpus.status();
  EXPECT_THAT(corpus->utterances, SizeIs(7));
  ASSERT_THAT(corpus->passed_over, SizeIs(1));
  EXPECT_THAT(corpus->passed_over[0], HasSubstr("2 clips passed over"));
  EXPECT_THAT(corpus->passed_over[0], HasSubstr("'cat' (2 clips)"));

  const std::string error = Error("speakers: [ann, carl, dora]");
  EXPECT_THAT(error, HasSubstr("no clip to learn from of carl, dora;"));
  EXPECT_THAT(error, HasSubstr("'ann' (4 clips), 'bob' (3 clips), 'cat' (2 clips)"));
}

TEST_F(LoadCorpusTest, OneUsableClipIsTooFew) {
  Put("a", 1.0);
  Put("short", 0.25);
  const std::string error = Error();
  EXPECT_THAT(error, HasSubstr((root_ / "corpus").string() +
                               ": 1 of 2 clips are usable; training needs at least 2; left out: short: "));
  EXPECT_THAT(error, HasSubstr("data.min_seconds is 0.3"));
}

TEST_F(LoadCorpusTest, ATranscriptWithoutWordsIsNamed) {
  Put("a", 1.0);
  Put("dots", 1.0, "...");
  Put("b", 1.0);
  const std::string error = Error();
  EXPECT_THAT(error, HasSubstr("(1)"));
  EXPECT_THAT(error, HasSubstr((root_ / "corpus/metadata.csv").string() + ":2: "));
  EXPECT_THAT(error, HasSubstr("nothing to say in the transcript '...'"));
}

TEST_F(LoadCorpusTest, SpeakersWithOneClipEachLeaveNoneToHoldOut) {
  PutSaid("ann0", "ann");
  PutSaid("bob0", "bob");
  EXPECT_EQ(Error("speakers: [ann, bob]"), "data: each speaker has one clip; none can be held out");
}

TEST_F(LoadCorpusTest, ACorpusOfOthersOnlyIsAnError) {
  PutSaid("cat0", "cat");
  PutSaid("cat1", "cat");
  EXPECT_THAT(Error("speakers: [ann, bob]"),
              HasSubstr("no clip of a listed speaker; the corpus has 'cat' (2 clips), the config ann, bob"));
}

TEST_F(LoadCorpusTest, ASpeakerWhoseClipsAreAllHeldOutKeepsOneToLearnFrom) {
  for (int i = 0; i < 6; ++i) PutSaid(fmt::format("ann{}", i), "ann");
  int bobs = 0;
  for (int i = 0; bobs < 2; ++i) {
    const std::string id = fmt::format("bob{}", i);
    if (!IsHeldOut("bob/wavs/" + id + ".wav", 0.5)) continue;
    PutSaid(id, "bob");
    ++bobs;
  }
  const auto corpus = Load("validation: 48", "speakers: [ann, bob]");
  ASSERT_TRUE(corpus.ok()) << corpus.status();
  const auto of_bob = [&](const std::vector<int>& part) {
    return std::count_if(part.begin(), part.end(), [&](int i) { return corpus->utterances[i].speaker == 1; });
  };
  EXPECT_EQ(of_bob(corpus->training), 1);
  EXPECT_EQ(of_bob(corpus->validation), 1);
}

TEST_F(LoadCorpusTest, LoudnessIsOfTheFeatures) {
  PutBytes("a", Wav(Noise(22050, 0.4f)));
  PutBytes("b", Wav(Noise(22050, 0.1f)));
  const auto difference = [](const Corpus& corpus) {
    return (corpus.Features(0)->mel - corpus.Features(1)->mel).mean().item<double>();
  };
  const auto as_recorded = Load(), levelled = Load("validation: 1, loudness: -23");
  ASSERT_TRUE(as_recorded.ok() && levelled.ok());
  EXPECT_NEAR(difference(*as_recorded), std::log(4.0), 0.01);
  EXPECT_NEAR(difference(*levelled), 0.0, 0.01);
}

}  // namespace
}  // namespace m2tts
