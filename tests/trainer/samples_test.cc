// What the stages show of a run, and the report made of it.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "core/audio/codec.h"
#include "core/base/file.h"
#include "tests/core/base/temp_folder.h"
#include "trainer/data/corpus.h"
#include "trainer/loop/checkpoint.h"
#include "trainer/monitor/run_report.h"
#include "trainer/monitor/sample_files.h"
#include "trainer/pipeline.h"
#include "trainer/stages/sample_maps.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

class SamplesTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TempFolder;
    ASSERT_TRUE(WriteDummyCorpus(folder_->path() / "corpus", 10, 22050).ok());
    Train("shown", 2);
    Train("unseen", 0);
  }
  static void TearDownTestSuite() { delete folder_; }

  static void Train(const std::string& run, int samples_every) {
    const auto config = ParseTrainConfig(fmt::format(R"(name: sampled
threads: 1
data: {{root: {0}/corpus, cache: {0}/cache, validation: 3}}
model: {{hidden: 16, heads: 2, encoder_layers: 1, decoder_layers: 1, ffn_multiplier: 1, predictor_hidden: 16,
  predictor_layers: 1, vocoder: {{type: istft, hidden: 16, blocks: 1}}}}
aligner: {{steps: 3, frames_per_batch: 1500, samples_every: {1}}}
acoustic: {{steps: 3, frames_per_batch: 1500, samples_every: {1}}}
vocoder: {{steps: 3, segments_per_batch: 2, segment_frames: 24, samples_every: {1}}}
)",
                                                     folder_->path().string(), samples_every),
                                         "test");
    ASSERT_TRUE(config.ok()) << config.status();
    PipelineOptions options;
    options.run = folder_->path() / run;
    options.lexicon = fs::path(M2TTS_BINARY_DIR) / "lexicon/en_US.lex";
    const Status status = RunPipeline(*config, options);
    ASSERT_TRUE(status.ok()) << status;
  }
  static TempFolder* folder_;
};
TempFolder* SamplesTest::folder_ = nullptr;

TEST_F(SamplesTest, EveryStageShowsItselfAtItsSteps) {
  std::map<std::string, std::set<int64_t>> steps;
  for (const SampleFile& file : ListSamples(folder_->path() / "shown/samples")) {
    steps[file.stage + " " + file.name + file.path.extension().string()].insert(file.step);
    const auto bytes = ReadFile(file.path);
    ASSERT_TRUE(bytes.ok());
    if (file.path.extension() == ".png") {
      EXPECT_EQ(bytes->substr(1, 3), "PNG");
    } else {
      const auto audio = DecodeAudio(*bytes, file.path.string());
      ASSERT_TRUE(audio.ok()) << audio.status();
      EXPECT_EQ(audio->sample_rate, 22050);
      EXPECT_GT(audio->seconds(), 0.1);
    }
  }
  const std::set<int64_t> shown = {2, 3}, with_recording = {-1, 2, 3};
  std::map<std::string, std::set<int64_t>> wanted;
  for (const char* number : {"1", "2"}) {
    wanted[std::string("aligner alignment-") + number + ".png"] = shown;
    for (const std::string stage : {"acoustic", "vocoder"}) {
      wanted[stage + " mel-" + number + ".png"] = shown;
      wanted[stage + " speech-" + number + ".wav"] = with_recording;
    }
  }
  EXPECT_EQ(steps, wanted);
  EXPECT_FALSE(fs::exists(folder_->path() / "unseen/samples"));
}

TEST_F(SamplesTest, ShowingChangesNothingOfTheTraining) {
  for (const char* stage : {"aligner", "acoustic", "vocoder"}) {
    std::vector<std::string> messages;
    const auto shown = CheckpointFolder(folder_->path() / "shown" / stage, 2).LoadLatest(&messages);
    const auto unseen = CheckpointFolder(folder_->path() / "unseen" / stage, 2).LoadLatest(&messages);
    ASSERT_TRUE(shown.ok() && shown->has_value() && unseen.ok() && unseen->has_value());
    EXPECT_EQ((*shown)->step, 3);
    for (const auto& [name, tensor] : (*unseen)->state) {
      // LibTorch names the moments by the addresses of the parameters.
      if (name.size() > 5 && name.substr(name.size() - 5) == ".adam") continue;
      EXPECT_TRUE(torch::equal(tensor, (*shown)->state.at(name))) << stage << " " << name;
    }
  }
}

TEST_F(SamplesTest, TheReportHasThemAll) {
  const auto report = MakeRunReport(folder_->path() / "shown");
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(report->warnings.empty());
  int pictures = 0, sounds = 0;
  for (size_t at = report->html.find("src='data:"); at != std::string::npos;
       at = report->html.find("src='data:", at + 1)) {
    (report->html.compare(at, 15, "src='data:image") == 0 ? pictures : sounds) += 1;
  }
  EXPECT_EQ(pictures, 2 * 3 * 2);  // first and latest, of three stages and two clips
  EXPECT_EQ(sounds, 2 * 2 * 3);    // and the recording
  for (const char* text : {"sampled", "cores", "m2tts-trainer 0", "segment_frames: 24", "step-00000003"}) {
    EXPECT_NE(report->html.find(text), std::string::npos) << text;
  }
}

TEST(SampleClipsTest, PrefersOtherSpeakersAndClipsThatFit) {
  Corpus corpus;
  const auto add = [&](int speaker, int64_t frames) {
    Utterance utterance;
    utterance.speaker = speaker;
    utterance.frames = frames;
    corpus.validation.push_back(static_cast<int>(corpus.utterances.size()));
    corpus.utterances.push_back(utterance);
  };
  const AudioConfig audio;  // 86 frames a second
  EXPECT_TRUE(SampleClips(corpus, audio).empty());
  add(0, 900);
  EXPECT_EQ(SampleClips(corpus, audio), (std::vector<int>{0}));
  add(0, 100);
  add(0, 400);
  EXPECT_EQ(SampleClips(corpus, audio), (std::vector<int>{2, 1}));
  add(1, 700);
  EXPECT_EQ(SampleClips(corpus, audio), (std::vector<int>{2, 3}));
}

}  // namespace
}  // namespace m2tts
