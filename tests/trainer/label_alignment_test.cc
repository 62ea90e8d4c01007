#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <numeric>

#include "core/audio/codec.h"
#include "core/base/file.h"
#include "tests/core/base/temp_folder.h"
#include "trainer/alignment/align_sources.h"
#include "trainer/alignment/phrase_breaks.h"
#include "trainer/pipeline.h"

namespace m2tts {
namespace {

using ::testing::HasSubstr;

constexpr int kRate = 22050;

class SaidByRun : public RunSink {
 public:
  void OnProgress(const Progress&) override {}
  void OnMessage(const std::string& text) override { lines += text + "\n"; }
  void OnSample(const std::string&) override {}
  std::string lines;
};

Status GoOn(size_t, size_t) {
  return OkStatus();
}

class LabelAlignmentTest : public testing::Test {
 protected:
  // Half a second of silence, then a tone for 1.2 s: 0.4 s of the silence are trimmed.
  void SetUp() override {
    PutClips({"a", "b", "c"});
    auto config = ParseTrainConfig(fmt::format(R"(
threads: 1
data:
  sources: [{{root: {0}/corpus, speaker: default, align_by: labels}}]
  cache: {0}/cache
  validation: 1
model: {{hidden: 16, heads: 2, encoder_layers: 1, decoder_layers: 1, ffn_multiplier: 1, predictor_hidden: 16,
  predictor_layers: 1, vocoder: {{type: griffin_lim}}}}
acoustic: {{steps: 2, samples_every: 0}}
)",
                                               root_.string()),
                                   "test");
    ASSERT_TRUE(config.ok()) << config.status();
    config_ = *std::move(config);
  }
  void PutClips(const std::vector<std::string>& ids) {
    std::string metadata;
    for (const std::string& id : ids) {
      std::vector<float> wave(kRate / 2, 0.0f);
      for (int i = 0; i < kRate * 6 / 5; ++i) wave.push_back(static_cast<float>(0.3 * std::sin(0.05 * i)));
      const auto wav = EncodeAudio(wave, kRate, AudioEncoding::kWav);
      ASSERT_TRUE(wav.ok());
      ASSERT_TRUE(WriteFileAtomic(root_ / "corpus/wavs" / (id + ".wav"), *wav).ok());
      PutLabels(id, kGood);
      metadata += id + "|Say ah.\n";
    }
    ASSERT_TRUE(WriteFileAtomic(root_ / "corpus/metadata.csv", metadata).ok());
  }
  void PutLabels(const std::string& id, const std::string& text) {
    ASSERT_TRUE(WriteFileAtomic(root_ / "corpus/lab" / (id + ".lab"), text).ok());
  }

  // "say ah": S EY AA; times in seconds of the recording.
  static constexpr char kGood[] = "0.0 0.5 sil\n0.5 0.7 S\n0.7 1.2 EY1\n1.2 1.65 AA1\n1.65 1.7 sil\n";
  const TempFolder folder_;
  const std::filesystem::path root_ = folder_.path();
  const std::filesystem::path lexicon_ = std::filesystem::path(M2TTS_BINARY_DIR) / "lexicon/en_US.lex";
  TrainConfig config_;
};

TEST_F(LabelAlignmentTest, PausesBetweenWordsBecomePausesOfTheSentence) {
  // Clip b pauses for a tenth of a second between its words; the others do not.
  PutLabels("b", "0.0 0.5 sil\n0.5 0.7 S\n0.7 1.1 EY1\n1.1 1.2 pau\n1.2 1.65 AA1\n1.65 1.7 sil\n");
  config_.data.phrase_breaks = true;
  auto corpus = LoadCorpus(config_, lexicon_, nullptr);
  ASSERT_TRUE(corpus.ok()) << corpus.status();
  ASSERT_TRUE(AlignSources(config_, &*corpus, GoOn).ok());
  const PhraseBreakCount count = MarkPhraseBreaks(config_.audio, &*corpus);
  EXPECT_EQ(count.boundaries, 3);
  EXPECT_EQ(count.pauses, 1);
  for (const Utterance& utterance : corpus->utterances) {
    // begin, S EY, the boundary
    EXPECT_EQ(utterance.sentence.phonemes[3].id, utterance.id == "b" ? kShortPause : kWordBoundary);
  }
  // An utterance without durations stays as it is.
  corpus->utterances[0].durations.clear();
  EXPECT_LT(MarkPhraseBreaks(config_.audio, &*corpus).boundaries, 3);
}

TEST_F(LabelAlignmentTest, TimesOfLabelsBecomeFramesOfTheTrimmedClip) {
  auto corpus = LoadCorpus(config_, lexicon_, nullptr);
  ASSERT_TRUE(corpus.ok()) << corpus.status();
  const auto aligned = AlignSources(config_, &*corpus, GoOn);
  ASSERT_TRUE(aligned.ok()) << aligned.status();
  EXPECT_EQ(aligned->aligned, 3);
  for (const Utterance& utterance : corpus->utterances) {
    ASSERT_EQ(utterance.durations.size(), utterance.sentence.phonemes.size());
    EXPECT_EQ(std::accumulate(utterance.durations.begin(), utterance.durations.end(), int64_t{0}),
              utterance.frames);
    int64_t begin = 0;
    const double per_second = config_.audio.frames_per_second();
    const std::map<std::string, double> expected = {{"S", 0.5}, {"EY", 0.7}, {"AA", 1.2}};
    for (size_t t = 0; t < utterance.durations.size(); ++t) {
      const auto found = expected.find(std::string(PhonemeSymbol(utterance.sentence.phonemes[t].id)));
      if (found != expected.end()) {
        EXPECT_NEAR(static_cast<double>(begin), (found->second - 0.4) * per_second, 2.0) << found->first;
      }
      begin += utterance.durations[t];
    }
  }
}

TEST_F(LabelAlignmentTest, ARunByLabelsTrainsNoAligner) {
  PipelineOptions options;
  options.run = root_ / "run";
  options.lexicon = lexicon_;
  options.stages = {"aligner", "acoustic"};
  const Status done = RunPipeline(config_, options);
  ASSERT_TRUE(done.ok()) << done;
  EXPECT_FALSE(std::filesystem::exists(root_ / "run/aligner"));
  EXPECT_TRUE(std::filesystem::exists(root_ / "run/durations.safetensors"));
}

TEST_F(LabelAlignmentTest, AClipWhoseLabelsTellOfOtherWordsIsLeftOut) {
  PutClips({"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"});
  PutLabels("b", "0.0 0.5 K\n0.5 0.7 R\n0.7 1.0 IY\n1.0 1.2 M\n");
  PipelineOptions options;
  options.run = root_ / "run";
  options.lexicon = lexicon_;
  options.stages = {"aligner", "acoustic"};
  SaidByRun said;
  options.sink = &said;
  Status done = RunPipeline(config_, options);
  ASSERT_TRUE(done.ok()) << done;
  EXPECT_THAT(said.lines,
              HasSubstr("left out: " + (root_ / "corpus/lab/b.lab").string() + ": the labels do not fit"));
  EXPECT_THAT(said.lines, HasSubstr("\n1 clips left out"));

  config_.acoustic.steps = 3;  // goes on, without aligning anew
  said.lines.clear();
  done = RunPipeline(config_, options);
  ASSERT_TRUE(done.ok()) << done;
  EXPECT_THAT(said.lines, HasSubstr("1 clips left out"));
}

// An aligner that learns from another source aligns all clips; what it finds for a wrong transcript does not
// count.
TEST_F(LabelAlignmentTest, AMisfitBesideALearnedSourceIsLeftOutToo) {
  PutClips({"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"});
  PutLabels("b", "0.0 0.5 K\n0.5 0.7 R\n0.7 1.0 IY\n1.0 1.2 M\n");
  ASSERT_TRUE(WriteDummyCorpus(root_ / "learned", 4, kRate).ok());
  DataSource learned = config_.data.sources[0];
  learned.root = (root_ / "learned").string();
  learned.align_by.clear();
  config_.data.sources.insert(config_.data.sources.begin(), learned);
  config_.aligner.steps = 2;
  PipelineOptions options;
  options.run = root_ / "run";
  options.lexicon = lexicon_;
  options.stages = {"aligner"};
  SaidByRun said;
  options.sink = &said;
  const Status done = RunPipeline(config_, options);
  ASSERT_TRUE(done.ok()) << done;
  EXPECT_THAT(said.lines, HasSubstr("left out: " + (root_ / "corpus/lab/b.lab").string()));
  EXPECT_THAT(said.lines, HasSubstr("\n1 clips left out"));
}

TEST_F(LabelAlignmentTest, ErrorsNameTheFile) {
  const auto message = [&] {
    auto corpus = LoadCorpus(config_, lexicon_, nullptr);
    EXPECT_TRUE(corpus.ok()) << corpus.status();
    const auto aligned = AlignSources(config_, &*corpus, GoOn);
    EXPECT_FALSE(aligned.ok());
    return std::string(aligned.status().message());
  };
  PutLabels("b", "0.0 0.5 sil\nwhat\n");
  EXPECT_THAT(message(), HasSubstr("lab/b.lab:2:"));
  PutLabels("b", "0.0 0.5 sil\n0.5 2.5 S\n");
  EXPECT_THAT(message(), HasSubstr("lab/b.lab: labels end at 2.500 s"));
  PutLabels("b", "0.0 0.5 K\n0.5 0.7 R\n0.7 1.0 IY\n1.0 1.2 M\n");
  EXPECT_THAT(message(), HasSubstr("corpus: the labels of 1 of 3 clips do not fit"));
  EXPECT_THAT(message(), HasSubstr("lab/b.lab: the labels do not fit"));
  std::filesystem::remove(root_ / "corpus/lab/b.lab");
  EXPECT_THAT(message(), HasSubstr("b.wav: no b.TextGrid or .lab"));
  // Before any training; all at once.
  std::filesystem::remove(root_ / "corpus/lab/a.lab");
  auto corpus = LoadCorpus(config_, lexicon_, nullptr);
  ASSERT_TRUE(corpus.ok()) << corpus.status();
  const Status missing = CheckLabelFiles(config_, *corpus);
  EXPECT_TRUE(absl::IsNotFound(missing)) << missing;
  EXPECT_THAT(std::string(missing.message()), HasSubstr("a.wav: no a.TextGrid"));
  EXPECT_THAT(std::string(missing.message()), HasSubstr("b.wav: no b.TextGrid"));
}

}  // namespace
}  // namespace m2tts
