#include "trainer/corpus/corpus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/file_lock.h"
#include "tests/trainer/corpus/fake_programs.h"
#include "trainer/corpus/progress.h"
#include "trainer/corpus/wav_check.h"

namespace m2tts {
namespace {

using ::testing::HasSubstr;

class CorpusTest : public ::testing::Test {
 protected:
  CorpusTest() {
    fakes_.InstallFlite();
    options_.sentences_file = fakes_.dir() / "list.csv";
    options_.output_dir = fakes_.dir() / "corpus";
    options_.engine = "flite";
    options_.jobs = 1;
    WriteText(options_.sentences_file, "a|One.\nb|Two.\nc|Three.\n");
  }

  std::filesystem::path Wav(const std::string& id) const {
    return options_.output_dir / "wavs" / (id + ".wav");
  }
  StatusOr<CorpusProgress> Make() { return MakeCorpus(options_, nullptr); }

  FakePrograms fakes_;
  CorpusOptions options_;
};

TEST_F(CorpusTest, MakesTheLayoutOfLjSpeech) {
  std::vector<CorpusProgress> seen;
  const auto made = MakeCorpus(options_, [&](const CorpusProgress& p) { seen.push_back(p); });
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->done, 3u);
  EXPECT_EQ(made->kept, 0u);
  EXPECT_NEAR(made->audio_seconds, 1.5, 1e-6);
  EXPECT_EQ(ReadText(options_.output_dir / "metadata.csv"), "a|One.|One.\nb|Two.|Two.\nc|Three.|Three.\n");
  EXPECT_EQ(ReadText(Wav("b")), ReadText(fakes_.dir() / "tone.wav"));
  ASSERT_FALSE(seen.empty());
  EXPECT_TRUE(seen.back().finished());
  EXPECT_EQ(seen.back().eta_seconds, 0.0);
}

TEST_F(CorpusTest, ReadsAgainOnlyWhatIsMissingBrokenOrChanged) {
  ASSERT_TRUE(Make().ok());
  EXPECT_EQ(fakes_.TakeSpoken(), "One.\nTwo.\nThree.\n");
  ASSERT_TRUE(Make().ok());
  EXPECT_EQ(fakes_.TakeSpoken(), "");

  std::filesystem::remove(Wav("a"));
  std::filesystem::resize_file(Wav("c"), 9000);  // as a full disk leaves it
  const auto again = Make();
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->kept, 1u);
  EXPECT_EQ(fakes_.TakeSpoken(), "One.\nThree.\n");

  WriteText(options_.sentences_file, "a|One.\nb|Another text.\nc|Three.\n");
  ASSERT_TRUE(Make().ok());
  EXPECT_EQ(fakes_.TakeSpoken(), "Another text.\n");

  options_.voice = "rms";
  ASSERT_TRUE(Make().ok());
  EXPECT_EQ(fakes_.TakeSpoken(), "One.\nAnother text.\nThree.\n");
}

TEST_F(CorpusTest, LabelsLieBesideWhatFestivalReads) {
  fakes_.InstallFestival();
  options_.engine = "festival";
  const auto lab = [this](const char* id) { return Wav(id).replace_extension(".lab"); };
  ASSERT_TRUE(Make().ok());
  EXPECT_EQ(ReadText(lab("a")), "#\n0.5 100 ah\n");
  EXPECT_EQ(Make()->kept, 3u);
  std::filesystem::remove(lab("a"));
  EXPECT_EQ(Make()->kept, 2u);
  EXPECT_TRUE(std::filesystem::exists(lab("a")));

  std::filesystem::remove(lab("a"));
  std::filesystem::create_symlink(lab("a").filename(), lab("a"));  // leads nowhere
  const auto again = Make();
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->kept, 2u);
  EXPECT_EQ(ReadText(lab("a")), "#\n0.5 100 ah\n");

  options_.engine = "flite";  // whose times these are not
  ASSERT_TRUE(Make().ok());
  EXPECT_FALSE(std::filesystem::exists(lab("a")));
}

TEST_F(CorpusTest, LimitTakesTheFirstAndKeepsTheOthersForLater) {
  ASSERT_TRUE(Make().ok());
  options_.limit = 2;
  ASSERT_TRUE(Make().ok());
  EXPECT_EQ(ReadText(options_.output_dir / "metadata.csv"), "a|One.|One.\nb|Two.|Two.\n");
  options_.limit = 0;
  const auto all = Make();
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_EQ(all->kept, 3u);
}

TEST_F(CorpusTest, ASentenceThatFailsIsNamedAndStopsNoOther) {
  WriteText(options_.sentences_file, "a|One.\nb|This one is mute.\nc|Three.\n");
  const auto made = Make();
  ASSERT_FALSE(made.ok());
  EXPECT_THAT(std::string(made.status().message()),
              HasSubstr("1 of 3 sentences were not read; the first: sentence 'b'"));
  EXPECT_TRUE(std::filesystem::exists(Wav("a")));
  EXPECT_TRUE(std::filesystem::exists(Wav("c")));
  EXPECT_FALSE(std::filesystem::exists(options_.output_dir / "metadata.csv"));
}

TEST_F(CorpusTest, TwoRunsDoNotShareAFolder) {
  {
    const auto other = FileLock::Acquire(options_.output_dir / "lock");
    ASSERT_TRUE(other.ok()) << other.status();
    const Status refused = Make().status();
    EXPECT_EQ(refused.code(), StatusCode::kFailedPrecondition) << refused;
    EXPECT_THAT(std::string(refused.message()), HasSubstr("a corpus is made there already"));
    EXPECT_EQ(fakes_.TakeSpoken(), "");
  }
  EXPECT_TRUE(Make().ok());
}

TEST_F(CorpusTest, ManySentencesRunInParallel) {
  std::string list;
  for (int i = 0; i < 100; ++i) list += fmt::format("s{}|ListedSentence {}.\n", i, i);
  WriteText(options_.sentences_file, list);
  options_.jobs = 4;
  const auto made = Make();
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->done, 100u);
  EXPECT_NEAR(made->audio_seconds, 50.0, 1e-6);
}

TEST_F(CorpusTest, RefusesWhatCannotWork) {
  WriteText(options_.sentences_file, "a|One.\nbroken\n");
  EXPECT_THAT(std::string(Make().status().message()), HasSubstr("line 2"));
  WriteText(options_.sentences_file, "a|One.\n");

  WriteText(fakes_.dir() / "file", "in the way");
  options_.output_dir = fakes_.dir() / "file" / "corpus";
  EXPECT_EQ(Make().status().code(), StatusCode::kPermissionDenied);
  options_.output_dir = "";
  EXPECT_EQ(Make().status().code(), StatusCode::kInvalidArgument);
  options_.output_dir = fakes_.dir() / "corpus";
  options_.jobs = -1;
  EXPECT_EQ(Make().status().code(), StatusCode::kInvalidArgument);
  options_.jobs = 1;
  options_.limit = -1;
  EXPECT_EQ(Make().status().code(), StatusCode::kInvalidArgument);
  options_.limit = 0;
  options_.engine = "nobody";
  EXPECT_EQ(Make().status().code(), StatusCode::kInvalidArgument);
}

TEST_F(CorpusTest, WavCheckFindsDamage) {
  const std::filesystem::path path = fakes_.dir() / "x.wav";
  EXPECT_EQ(WavSeconds(path).status().code(), StatusCode::kNotFound);
  WriteText(path, "not a wav");
  EXPECT_EQ(WavSeconds(path).status().code(), StatusCode::kDataLoss);
  WriteText(path, EncodeAudio(std::vector<float>(8000, 0.0f), 16000, AudioEncoding::kWav).value());
  EXPECT_THAT(std::string(WavSeconds(path).status().message()), HasSubstr("silent"));
  WriteText(path, EncodeAudio(std::vector<float>(100, 0.5f), 16000, AudioEncoding::kWav).value());
  EXPECT_THAT(std::string(WavSeconds(path).status().message()), HasSubstr("0.006 s"));
}

// deploy/download-data.sh, with programs that note what they are asked for.
class DownloadDataTest : public ::testing::Test {
 protected:
  DownloadDataTest() {
    fakes_.Install("curl", "echo \"curl $*\" >> $HERE/called.txt; exit 1");
    fakes_.Install("sha256sum",
                   "echo f96258be9fdc2cbff6559541aae7ea4f59df3fcaf5cf963aae5ca647357e359c \"$1\"");
    std::filesystem::create_directories(fakes_.dir() / "data");
    WriteText(fakes_.dir() / "data/VCTK-Corpus-0.92.zip", "");
  }
  void Unzip(int exit_code) {
    fakes_.Install("unzip", fmt::format("echo \"$4\" >> $HERE/called.txt\n"
                                        "for it; do corpus=$it; done\n"
                                        "mkdir -p \"$corpus/txt/p1\" \"$corpus/txt/p2\"\n"
                                        "exit {}",
                                        exit_code));
  }
  // `path` before the system's programs, or instead of them.
  ProcessResult Run(const std::string& corpus, const std::string& path = "") {
    const auto result = RunProcess(
        {"/bin/sh", "-c", "PATH=${3:-$PATH} SPEAKERS='p1 p2' exec /bin/sh \"$0\" \"$1\" \"$2\"",
         M2TTS_SOURCE_DIR "/deploy/download-data.sh", (fakes_.dir() / "data").string(), corpus, path});
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *result : ProcessResult();
  }
  std::string TakeCalled() {
    const std::string called = ReadText(fakes_.dir() / "called.txt");
    std::filesystem::remove(fakes_.dir() / "called.txt");
    return called;
  }

  FakePrograms fakes_;
};

TEST_F(DownloadDataTest, ASpeakerThatWasUnpackedHalfIsUnpackedAgain) {
  Unzip(50);  // the disk is full
  ProcessResult result = Run("vctk");
  EXPECT_EQ(result.exit_code, 74) << result.err;
  EXPECT_THAT(result.err, HasSubstr("unzip ended with 50"));
  EXPECT_EQ(TakeCalled(), "*txt/p1/*\n");
  Unzip(0);
  result = Run("vctk");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(TakeCalled(), "*txt/p1/*\n*txt/p2/*\n");
  result = Run("vctk");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(TakeCalled(), "");
}

TEST_F(DownloadDataTest, NamesASpeakerWhoIsNotThere) {
  Unzip(11);
  const ProcessResult result = Run("vctk");
  EXPECT_EQ(result.exit_code, 65);
  EXPECT_THAT(result.err, HasSubstr("no speaker 'p1'"));
}

TEST_F(DownloadDataTest, WhatUnpacksIsThereBeforeTheDownload) {
  fakes_.Install("tar", "exit 0");
  const ProcessResult result = Run("ljspeech", (fakes_.dir() / "bin").string());
  EXPECT_EQ(result.exit_code, 69);
  EXPECT_THAT(result.err, HasSubstr("bzip2 is needed"));
  EXPECT_EQ(TakeCalled(), "");
}

TEST(CorpusProgressTest, Format) {
  CorpusProgress progress;
  progress.done = 12;
  progress.kept = 2;
  progress.total = 34;
  progress.audio_seconds = 1800;
  progress.eta_seconds = 125.4;
  EXPECT_EQ(FormatCorpusProgress(progress), "12 of 34 sentences (2 kept), 0.50 h of audio, ETA 2:05");
  progress.done = 34;
  EXPECT_EQ(FormatCorpusProgress(progress), "34 of 34 sentences (2 kept), 0.50 h of audio");
}

TEST(CorpusProgressTest, ALineEachTenthWhereThereIsNoTerminal) {
  const auto scratch = ScratchFolder::Create();
  ASSERT_TRUE(scratch.ok());
  const std::filesystem::path path = scratch->path() / "log";
  std::FILE* file = std::fopen(path.c_str(), "w");
  ASSERT_NE(file, nullptr);
  const CorpusProgressFn print = PrintCorpusProgress(file);
  CorpusProgress progress;
  progress.total = 100;
  for (progress.done = 1; progress.done <= 100; ++progress.done) print(progress);
  std::fclose(file);
  const std::string log = ReadText(path);
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 10);
}

}  // namespace
}  // namespace m2tts
