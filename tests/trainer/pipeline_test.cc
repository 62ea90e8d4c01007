// A run that was broken off somewhere between its stages goes on from what there is, or says why not.
#include "trainer/pipeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/voice/voice_bundle.h"
#include "tests/core/base/temp_folder.h"
#include "trainer/data/clip_list.h"
#include "trainer/data/dataset.h"
#include "trainer/export/exporter.h"
#include "trainer/export/stage_weights.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

using ::testing::HasSubstr;
using ::testing::Not;

class Listener : public RunSink {
 public:
  void OnProgress(const Progress&) override {}
  void OnMessage(const std::string& text) override { lines += text + "\n"; }
  void OnSample(const std::string&) override {}
  std::string lines;
};

class PipelineTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(WriteDummyCorpus(root_ / "corpus", 8, 22050).ok()); }
  TrainConfig Config(const std::string& more = "") const {
    const auto config = ParseTrainConfig(fmt::format(R"(name: broken-off
licence: Apache-2.0
threads: 1
data: {{root: {0}/corpus, cache: {0}/cache, validation: 2}}
model: {{hidden: 16, heads: 2, encoder_layers: 1, decoder_layers: 1, ffn_multiplier: 1, predictor_hidden: 16,
  predictor_layers: 1, dropout: 0, vocoder: {{type: istft, hidden: 16, blocks: 1, expansion: 1}}}}
aligner: {{steps: 2, frames_per_batch: 900, learning_rate: 0.0001}}
acoustic: {{steps: 2, frames_per_batch: 900, learning_rate: 0.0001}}
vocoder: {{steps: 2, segments_per_batch: 2, segment_frames: 16, learning_rate: 0.0001}}
{1}
)",
                                                     root_.string(), more),
                                         "test");
    EXPECT_TRUE(config.ok()) << config.status();
    return *config;
  }
  Status Run(const TrainConfig& config, const std::string& run,
             const std::set<std::string>& stages = {"aligner", "acoustic", "vocoder"}) {
    PipelineOptions options;
    options.run = root_ / run;
    options.lexicon = lexicon_;
    options.stages = stages;
    options.stop = &stop_;
    options.sink = &listener_;
    return RunPipeline(config, options);
  }
  // Steps do next to nothing at this rate: weights tell where they started.
  TensorMap Weights(const std::string& run, const std::string& stage) const {
    const auto found = LoadStageWeights(root_ / run, stage, false);
    EXPECT_TRUE(found.ok()) << found.status();
    return found->weights;
  }
  static void ExpectNear(const TensorMap& a, const TensorMap& b) {
    ASSERT_EQ(a.size(), b.size());
    for (const auto& [name, tensor] : a) EXPECT_TRUE(torch::allclose(tensor, b.at(name), 1e-2, 1e-2)) << name;
  }

  const TempFolder folder_;
  const fs::path root_ = folder_.path();
  const fs::path lexicon_ = fs::path(M2TTS_BINARY_DIR) / "lexicon/en_US.lex";
  std::atomic<bool> stop_{false};
  Listener listener_;
};

TEST_F(PipelineTest, AStageKilledBeforeItsFirstCheckpointStillStartsFromTheOtherRun) {
  ASSERT_TRUE(Run(Config("seed: 1"), "first").ok());
  for (const char* stage : {"aligner", "acoustic", "vocoder"}) {
    fs::create_directories(root_ / "second" / stage);  // as a write leaves it that was killed
    std::ofstream(root_ / "second" / stage / ".step-00000000.safetensors.AbC123") << "half";
  }
  const Status done = Run(Config("seed: 2\ninit_from: " + (root_ / "first").string()), "second");
  ASSERT_TRUE(done.ok()) << done;
  for (const char* stage : {"aligner", "acoustic", "vocoder"}) {
    ExpectNear(Weights("first", stage), Weights("second", stage));
    EXPECT_FALSE(fs::exists(root_ / "second" / stage / ".step-00000000.safetensors.AbC123"));
  }
}

TEST_F(PipelineTest, APhaseKilledBeforeItsFirstCheckpointGrowsFromTheOneBefore) {
  const std::string grow = "progressive: [{steps: 2, hidden: 8, predictor_hidden: 8}]";
  ASSERT_TRUE(Run(Config(grow), "run", {"aligner", "acoustic"}).ok());
  const TensorMap grown = Weights("run", "acoustic");
  fs::remove_all(root_ / "run/acoustic");
  fs::create_directories(root_ / "run/acoustic");
  ASSERT_TRUE(Run(Config(grow), "run", {"acoustic"}).ok());
  EXPECT_THAT(listener_.lines, HasSubstr("acoustic: grow-1 has grown"));
  ExpectNear(grown, Weights("run", "acoustic"));
}

TEST_F(PipelineTest, WhenAllCheckpointsAreDamagedNothingStartsAnew) {
  ASSERT_TRUE(Run(Config(), "run", {"aligner"}).ok());
  for (const auto& entry : fs::directory_iterator(root_ / "run/aligner")) {
    std::ofstream(entry.path(), std::ios::trunc) << "damaged";
  }
  fs::remove(root_ / "run/durations.safetensors");
  for (int i = 0; i < 2; ++i) {
    const Status status = Run(Config(), "run", {"aligner"});
    EXPECT_TRUE(absl::IsDataLoss(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("run/aligner"));
  }
  // As the source of another run neither.
  const Status other = Run(Config("init_from: " + (root_ / "run").string()), "other", {"aligner"});
  EXPECT_TRUE(absl::IsDataLoss(other)) << other;
}

TEST_F(PipelineTest, AVoiceOfRecordingsWithMarkedPausesPausesBetweenPhrases) {
  TrainConfig config = Config();
  config.source_text.replace(config.source_text.find("validation: 2"), 13,
                             "validation: 2, phrase_breaks: true");
  config = *ParseTrainConfig(config.source_text, "test");
  ASSERT_TRUE(Run(config, "run", {"aligner", "acoustic"}).ok());
  EXPECT_THAT(listener_.lines, HasSubstr("word boundaries are pauses"));
  ExportOptions options;
  options.run = root_ / "run";
  options.output = root_ / "voice";
  ASSERT_TRUE(ExportVoice(options).ok());
  EXPECT_TRUE(LoadVoiceBundle(options.output)->manifest.phrase_breaks);
}

// As the recipes do it: stages of different runs in one folder.
TEST_F(PipelineTest, AVoiceHasTheVocoderThatWasTrained) {
  const std::string istft = Config().source_text;
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = istft;
    text.replace(text.find(from), from.size(), to);
    const auto config = ParseTrainConfig(text, "test");
    EXPECT_TRUE(config.ok()) << config.status();
    return *config;
  };
  ASSERT_TRUE(Run(with("type: istft", "type: griffin_lim"), "run", {"aligner", "acoustic"}).ok());
  ASSERT_TRUE(Run(with("blocks: 1", "blocks: 2"), "run", {"vocoder"}).ok());
  ExportOptions options;
  options.run = root_ / "run";
  options.output = root_ / "voice";
  const auto report = ExportVoice(options);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->vocoder, "istft");
  const auto voice = LoadVoiceBundle(options.output);
  ASSERT_TRUE(voice.ok()) << voice.status();
  EXPECT_EQ(voice->manifest.model.vocoder.blocks, 2);

  ASSERT_TRUE(Run(with("model:", "audio: {f_max: 7000}\nmodel:"), "other", {"aligner", "vocoder"}).ok());
  fs::remove_all(root_ / "run/vocoder");
  fs::copy(root_ / "other/vocoder", root_ / "run/vocoder");
  const Status misfit = ExportVoice(options).status();
  EXPECT_EQ(misfit.code(), StatusCode::kFailedPrecondition) << misfit;
  EXPECT_THAT(std::string(misfit.message()), HasSubstr("audio settings"));
}

TEST_F(PipelineTest, AStageThatARunHasNotTrainedIsThatOfItsStart) {
  ASSERT_TRUE(Run(Config("seed: 1"), "first").ok());
  ExportOptions options;
  options.run = root_ / "first";
  options.output = root_ / "first-voice";
  options.dtype = "fp32";
  ASSERT_TRUE(ExportVoice(options).ok());
  const auto first = LoadVoiceBundle(options.output);
  ASSERT_TRUE(first.ok()) << first.status();
  // From a run, and from a voice.
  for (const char* start : {"first", "first-voice"}) {
    const std::string from = "seed: 2\ninit_from: " + (root_ / start).string();
    for (const std::string stage : {"acoustic", "vocoder"}) {
      const std::string other = stage == "acoustic" ? "vocoder" : "acoustic";
      options.run = root_ / (std::string("second-") + start + stage);
      options.output = root_ / (std::string("voice-") + start + stage);
      ASSERT_TRUE(Run(Config(from), options.run.filename(), {"aligner", stage}).ok());
      const auto report = ExportVoice(options);
      ASSERT_TRUE(report.ok()) << report.status();
      EXPECT_EQ(report->vocoder, "istft");
      ASSERT_EQ(report->messages.size(), 1u);
      EXPECT_THAT(report->messages[0], HasSubstr(other + ": not trained by this run"));
      const auto voice = LoadVoiceBundle(options.output);
      ASSERT_TRUE(voice.ok()) << voice.status();
      for (const auto& [name, tensor] : voice->weights) {
        if (name.rfind(other + ".", 0) != 0) continue;
        EXPECT_TRUE(torch::equal(tensor, first->weights.at(name))) << name;
      }
    }
  }
}

TEST_F(PipelineTest, AStartThatHasGoneOrHasOtherAudioIsNoVocoder) {
  const auto with_audio = [&](const std::string& more) {
    std::string text = Config(more).source_text;
    text.replace(text.find("model:"), 6, "audio: {f_max: 7000}\nmodel:");
    const auto config = ParseTrainConfig(text, "test");
    EXPECT_TRUE(config.ok()) << config.status();
    return *config;
  };
  ASSERT_TRUE(Run(Config("seed: 1"), "first").ok());
  const std::string from = "seed: 2\ninit_from: " + (root_ / "first").string();
  ASSERT_TRUE(Run(with_audio(from), "second", {"aligner", "acoustic"}).ok());
  ExportOptions options;
  options.run = root_ / "second";
  options.output = root_ / "voice";
  const auto other = ExportVoice(options);
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_EQ(other->vocoder, "griffin_lim");
  ASSERT_EQ(other->messages.size(), 1u);
  EXPECT_THAT(other->messages[0], HasSubstr("other audio settings"));

  fs::rename(root_ / "first", root_ / "gone");
  const Status gone = ExportVoice(options).status();
  EXPECT_TRUE(absl::IsNotFound(gone)) << gone;
  EXPECT_THAT(std::string(gone.message()), HasSubstr("init_from"));
}

TEST_F(PipelineTest, AResumedRunHasTheClipsThatItWasStartedWith) {
  ASSERT_TRUE(Run(Config(), "run", {"aligner"}).ok());
  const auto metadata = ReadFile(root_ / "corpus/metadata.csv");
  ASSERT_TRUE(metadata.ok());
  const std::string first = metadata->substr(0, metadata->find('|'));
  ASSERT_TRUE(
      WriteFileAtomic(root_ / "corpus/metadata.csv", metadata->substr(metadata->find('\n') + 1)).ok());
  for (const char* stage : {"aligner", "acoustic", "vocoder"}) {
    const Status status = Run(Config(), "run", {stage});
    EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("'" + first + "' is gone"));
    EXPECT_THAT(std::string(status.message()), HasSubstr("clips.txt"));
  }
  ASSERT_TRUE(WriteFileAtomic(root_ / "corpus/metadata.csv", *metadata).ok());
  EXPECT_TRUE(Run(Config(), "run", {"aligner", "acoustic"}).ok());
}

TEST_F(PipelineTest, AStopIsHeardBeforeTheFirstStep) {
  stop_ = true;
  const Status status = Run(Config(), "run");
  EXPECT_TRUE(absl::IsCancelled(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("features"));
  EXPECT_FALSE(fs::exists(root_ / "run/aligner"));
  stop_ = false;
  EXPECT_TRUE(Run(Config(), "run").ok()) << "goes on";
}

TEST_F(PipelineTest, WhatTheVocoderNeedsIsAskedForBeforeTheHoursOfTheOthers) {
  TrainConfig config = Config();
  config.vocoder.predicted_by = (root_ / "nowhere").string();
  const Status no_source = Run(config, "run");
  EXPECT_THAT(std::string(no_source.message()), HasSubstr("vocoder.predicted_by"));
  config = Config();
  config.vocoder.precision = "fp16";
  const Status no_halves = Run(config, "run");
  EXPECT_EQ(no_halves.code(), StatusCode::kFailedPrecondition) << no_halves;
  EXPECT_THAT(std::string(no_halves.message()), HasSubstr("vocoder"));
  EXPECT_FALSE(fs::exists(root_ / "run/aligner")) << "nothing was trained";
}

TEST(ClipListTest, TellsWhatIsAnother) {
  const TempFolder folder;
  const fs::path file = folder.path() / "clips.txt";
  Corpus corpus;
  for (const std::string id : {"a", "b with a space", "c", "d"}) {
    Utterance utterance;
    utterance.id = id;
    utterance.features_key = "f" + id.substr(0, 1);
    utterance.sentence.phonemes.resize(3);
    corpus.utterances.push_back(utterance);
  }
  corpus.training = {0, 1, 3};
  corpus.validation = {2};
  ASSERT_TRUE(CheckClips(file, corpus).ok());
  EXPECT_TRUE(CheckClips(file, corpus).ok());
  const auto message = [&](const Corpus& other) {
    const Status status = CheckClips(file, other);
    EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
    return std::string(status.message());
  };
  Corpus other = corpus;
  other.training = {0, 2, 3};
  other.validation = {1};
  EXPECT_THAT(message(other), HasSubstr("'b with a space' was learned from, 'c' was held out"));
  other = corpus;
  other.utterances[1].sentence.phonemes[2].id = static_cast<PhonemeId>(kPad + 1);
  EXPECT_THAT(message(other), HasSubstr("'b with a space' has other sound or text")) << "of as many phonemes";
  other = corpus;
  other.utterances[0].id = "e";
  EXPECT_THAT(message(other), HasSubstr("'a' is gone, 'e' is new"));
  other = corpus;
  other.utterances[3].sentence.phonemes.resize(4);
  EXPECT_THAT(message(other), HasSubstr("'d' has other sound or text"));
  std::swap(other.utterances[3], other.utterances[0]);
  other.utterances[0].sentence.phonemes.resize(3);
  other.training = {0, 1, 3};
  EXPECT_THAT(message(other), HasSubstr("their order is another"));
  for (Utterance& utterance : other.utterances) utterance.features_key += "x";
  EXPECT_THAT(message(other), Not(HasSubstr("more")));
  for (int i = 0; i < 3; ++i) {
    other.utterances.push_back(other.utterances[0]);
    other.utterances.back().id = fmt::format("new-{}", i);
    other.training.push_back(4 + i);
  }
  EXPECT_THAT(message(other), HasSubstr("and 2 more"));

  // A list of an earlier version, which had no hashes.
  std::string list = *ReadFile(file), old;
  for (size_t at = 0; at < list.size();) {
    const size_t end = list.find('\n', at);
    const std::string line = list.substr(at, end - at);
    old += line.substr(0, line.rfind(':')) + "\n";
    at = end + 1;
  }
  ASSERT_NE(old, list);
  ASSERT_TRUE(WriteFileAtomic(file, old).ok());
  EXPECT_TRUE(CheckClips(file, corpus).ok());
  other = corpus;
  other.utterances[0].sentence.phonemes.resize(4);
  EXPECT_THAT(message(other), HasSubstr("'a' has other sound or text"));
}

}  // namespace
}  // namespace m2tts
