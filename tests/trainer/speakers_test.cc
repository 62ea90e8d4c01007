// Several speakers: from corpora to a voice, and from that to a run that starts from it.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "core/base/file.h"
#include "core/base/parallel_for.h"
#include "core/sentence_batch.h"
#include "core/synthesizer.h"
#include "core/voice/voice_bundle.h"
#include "trainer/data/corpus.h"
#include "trainer/data/predicted_mels.h"
#include "trainer/export/exporter.h"
#include "trainer/export/stage_weights.h"
#include "trainer/pipeline.h"
#include "trainer/stages/aligner_stage.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

class SpeakersTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(testing::TempDir()) / fmt::format("m2tts-{}-{}", test->name(), getpid());
    fs::remove_all(folder_);
    ASSERT_TRUE(WriteDummyCorpus(folder_ / "low", 8, 22050).ok());
    ASSERT_TRUE(WriteDummyCorpus(folder_ / "high", 6, 16000).ok());
  }
  void TearDown() override { fs::remove_all(folder_); }

  TrainConfig Config(const std::string& more) const {
    const auto config = ParseTrainConfig(fmt::format(R"(name: two
threads: 1
licence: Apache-2.0
speakers: [low, high]
{1}
data:
  cache: {0}/cache
  validation: 2
  sources: [{{root: {0}/low, speaker: low}}, {{root: {0}/high, speaker: high, repeat: 3}}]
model: {{hidden: 16, heads: 2, encoder_layers: 1, decoder_layers: 1, ffn_multiplier: 1, predictor_hidden: 16,
  predictor_layers: 1, vocoder: {{type: griffin_lim}}}}
aligner: {{steps: 4, frames_per_batch: 1500}}
acoustic: {{steps: 4, frames_per_batch: 1500}}
)",
                                                     folder_.string(), more),
                                         "test");
    EXPECT_TRUE(config.ok()) << config.status();
    return *config;
  }
  StatusOr<Corpus> Load(const TrainConfig& config) const { return LoadCorpus(config, lexicon_, nullptr); }
  void Train(const TrainConfig& config, const std::string& run) const {
    PipelineOptions options;
    options.run = folder_ / run;
    options.lexicon = lexicon_;
    const Status status = RunPipeline(config, options);
    ASSERT_TRUE(status.ok()) << status;
  }

  const fs::path lexicon_ = fs::path(M2TTS_BINARY_DIR) / "lexicon/en_US.lex";
  fs::path folder_;
};

TEST_F(SpeakersTest, EachSourceHasItsSpeakerItsHeldOutPartAndItsWeight) {
  const auto corpus = Load(Config(""));
  ASSERT_TRUE(corpus.ok()) << corpus.status();
  EXPECT_EQ(corpus->utterances.size(), 14u);
  int low = 0, high = 0, high_held_out = 0;
  for (const int i : corpus->training) (corpus->utterances[i].speaker == 0 ? low : high) += 1;
  for (const int i : corpus->validation) high_held_out += corpus->utterances[i].speaker;
  EXPECT_EQ(low + high / 3 + static_cast<int>(corpus->validation.size()), 14);
  EXPECT_EQ(high, 3 * (6 - high_held_out));
  EXPECT_EQ(corpus->utterances.front().id.rfind("low/", 0), 0u);
  EXPECT_EQ(corpus->utterances.back().id.rfind("high/", 0), 0u);
  EXPECT_EQ(corpus->statistics.mel_mean.sizes(), (std::vector<int64_t>{2, 64}));
  auto sum = torch::zeros({64});
  int64_t frames = 0;
  for (const int i : corpus->training) {
    if (corpus->utterances[i].speaker != 1) continue;
    const auto features = corpus->Features(i);
    ASSERT_TRUE(features.ok()) << features.status();
    sum += features->mel.sum(0);
    frames += features->frames();
  }
  EXPECT_TRUE(torch::allclose(corpus->statistics.mel_mean[1], sum / frames, 1e-4, 1e-4));
  EXPECT_FALSE(torch::allclose(corpus->statistics.mel_mean[0], sum / frames, 1e-2, 1e-2));
}

TEST_F(SpeakersTest, AnIdNamesOneClipOfASpeaker) {
  TrainConfig config = Config("");
  config.data.sources.push_back(config.data.sources[0]);
  config.data.sources.back().root = config.data.sources[1].root;
  const auto corpus = Load(config);
  EXPECT_TRUE(absl::IsInvalidArgument(corpus.status())) << corpus.status();
  for (const std::string& part :
       {config.data.sources[0].root, config.data.sources[1].root, std::string("'low/")}) {
    EXPECT_NE(corpus.status().message().find(part), std::string::npos) << corpus.status();
  }
}

TEST_F(SpeakersTest, AWordAboutASpeakerWhoIsNotThere) {
  TrainConfig config = Config("");
  config.data.sources[0].speaker.clear();  // the layout names none
  const auto corpus = Load(config);
  ASSERT_FALSE(corpus.ok());
  EXPECT_NE(corpus.status().message().find("low"), std::string::npos) << corpus.status();
}

// The corpus of many, of whom a run learns one.
TEST_F(SpeakersTest, ARunOfOneSpeakerTakesTheClipsOfThatOne) {
  const auto metadata = ReadFile(folder_ / "low/metadata.csv");
  ASSERT_TRUE(metadata.ok());
  std::istringstream rows(*metadata);
  std::string table = "speaker|file|text\n";
  int number = 0;
  for (std::string row; std::getline(rows, row); ++number) {
    const size_t bar = row.find('|');
    table += fmt::format("{}|wavs/{}.wav|{}\n", number % 2 == 0 ? "ann" : "bob", row.substr(0, bar),
                         row.substr(row.rfind('|') + 1));
  }
  ASSERT_TRUE(WriteFileAtomic(folder_ / "low/metadata.csv", table).ok());
  const auto load = [&](const std::string& speaker) {
    const auto config = ParseTrainConfig(
        fmt::format("speaker: {1}\ndata: {{root: {0}/low, cache: {0}/cache, validation: 1}}\n",
                    folder_.string(), speaker),
        "test");
    EXPECT_TRUE(config.ok()) << config.status();
    return Load(*config);
  };
  const auto bob = load("bob");
  ASSERT_TRUE(bob.ok()) << bob.status();
  EXPECT_EQ(bob->utterances.size(), 4u);
  ASSERT_EQ(bob->passed_over.size(), 1u);
  EXPECT_NE(bob->passed_over[0].find("'ann' (4 clips)"), std::string::npos) << bob->passed_over[0];
  // A name that the corpus does not know.
  const auto everybody = load("choir");
  ASSERT_TRUE(everybody.ok()) << everybody.status();
  EXPECT_EQ(everybody->utterances.size(), 8u);
  ASSERT_EQ(everybody->passed_over.size(), 1u);
  EXPECT_NE(everybody->passed_over[0].find("2 speakers are learned as those of 'choir'"), std::string::npos);
}

TEST_F(SpeakersTest, TrainExportSpeakAndStartFromTheVoice) {
  Train(Config(""), "run");
  ExportOptions options;
  options.run = folder_ / "run";
  options.output = folder_ / "two";
  options.dtype = "fp32";
  const auto report = ExportVoice(options);
  ASSERT_TRUE(report.ok()) << report.status();
  const auto voice = Synthesizer::Load(options.output, {});
  ASSERT_TRUE(voice.ok()) << voice.status();
  EXPECT_EQ((*voice)->manifest().speakers, (std::vector<std::string>{"low", "high"}));
  std::vector<std::vector<float>> waves;
  for (const int speaker : {0, 1}) {
    SynthesisControls controls;
    controls.speaker = speaker;
    const auto wave = SynthesizeSentence(voice->get(), GoldenSentence(), controls);
    ASSERT_TRUE(wave.ok()) << wave.status();
    waves.push_back(*wave);
  }
  EXPECT_NE(waves[0], waves[1]);

  const auto bundle = LoadVoiceBundle(options.output);
  ASSERT_TRUE(bundle.ok());
  const auto rows = bundle->weights.at("acoustic.encoder.speakers.weight");
  const auto start = LoadInitialWeights(options.output, "acoustic", {"high", "new", "low"});
  ASSERT_TRUE(start.ok()) << start.status();
  const auto ordered = start->weights.at("acoustic.encoder.speakers.weight");
  EXPECT_TRUE(torch::equal(ordered[0], rows[1]));
  EXPECT_TRUE(torch::equal(ordered[1], rows.mean(0)));
  EXPECT_TRUE(torch::equal(ordered[2], rows[0]));
  EXPECT_EQ(start->messages,
            (std::vector<std::string>{"speaker 'new' is new: it starts as the mean of the others"}));

  // A run that starts from the voice and learns nothing is the voice.
  TrainConfig config = Config("init_from: " + options.output.string());
  config.acoustic.learning_rate = 0.0;
  config.acoustic.weight_decay = 0.0;
  Train(config, "second");
  const auto second = LoadStageWeights(folder_ / "second", "acoustic", false);
  ASSERT_TRUE(second.ok()) << second.status();
  for (const auto& [name, tensor] : bundle->weights)
    EXPECT_TRUE(torch::equal(second->weights.at(name), tensor)) << name;
}

TEST_F(SpeakersTest, OnlyWhatIsTrainableLearns) {
  Train(Config(""), "first");
  const auto before = LoadStageWeights(folder_ / "first", "acoustic", false);
  ASSERT_TRUE(before.ok()) << before.status();
  TrainConfig config = Config("init_from: " + (folder_ / "first").string());
  config.acoustic.trainable = {"encoder.speakers", "decoder.out"};
  config.acoustic.warmup_steps = 0;
  Train(config, "adapted");
  const auto after = LoadStageWeights(folder_ / "adapted", "acoustic", false);
  ASSERT_TRUE(after.ok()) << after.status();
  for (const auto& [name, tensor] : before->weights) {
    const bool learns =
        name.find("encoder.speakers") != std::string::npos || name.find("decoder.out") != std::string::npos;
    EXPECT_EQ(torch::equal(tensor, after->weights.at(name)), !learns) << name;
  }
}

TEST_F(SpeakersTest, AVocoderLearnsFromPredictedMels) {
  Train(Config(""), "run");
  const TrainConfig config = Config("");
  auto corpus = Load(config);
  ASSERT_TRUE(corpus.ok()) << corpus.status();
  ASSERT_TRUE(LoadDurations(folder_ / "run/durations.safetensors", &*corpus).ok());
  const fs::path mels = folder_ / "predicted";
  const auto go_on = [](size_t, size_t) { return OkStatus(); };
  const auto predict = [&](const std::string& run, const TrainConfig& wanted) {
    return PredictMels(folder_ / run, *corpus, wanted, mels, go_on);
  };
  // Broken off half-way, and again to the end.
  const auto half = PredictMels(folder_ / "run", *corpus, config, mels, [](size_t done, size_t total) {
    return 2 * done < total ? OkStatus() : Errorf(StatusCode::kCancelled, "stopped");
  });
  EXPECT_TRUE(absl::IsCancelled(half.status()));
  const auto files = [&] {
    std::map<std::string, fs::file_time_type> times;
    for (const auto& entry : fs::directory_iterator(mels)) {
      times[entry.path().filename().string()] = entry.last_write_time();
    }
    return times;
  };
  const auto first_half = files();
  EXPECT_GE(first_half.size(), corpus->utterances.size() / 2);
  EXPECT_LT(first_half.size(), corpus->utterances.size() / 2 + BusyThreads()) << "what others had begun";
  const auto predicted = predict("run", config);
  ASSERT_TRUE(predicted.ok()) << predicted.status();
  TensorMap first;
  for (const Utterance& utterance : corpus->utterances) {
    const auto mel = predicted->Read(utterance.id);
    ASSERT_TRUE(mel.ok()) << mel.status();
    EXPECT_EQ(mel->sizes(), (std::vector<int64_t>{utterance.frames, 64}));
    EXPECT_TRUE(mel->isfinite().all().item<bool>());
    first[utterance.id] = mel->clone();
  }
  const auto whole = files();
  EXPECT_EQ(whole.size(), corpus->utterances.size());
  for (const auto& [name, time] : first_half) EXPECT_EQ(whole.at(name), time) << "taken as it was";
  ASSERT_TRUE(predict("run", config).ok());
  EXPECT_EQ(files(), whole);

  // Another model's are others, and take the place of the first one's.
  TrainConfig longer = Config("seed: 9");
  Train(longer, "other");
  const auto others = predict("other", config);
  ASSERT_TRUE(others.ok()) << others.status();
  EXPECT_EQ(files().size(), corpus->utterances.size());
  const std::string id = corpus->utterances.front().id;
  EXPECT_FALSE(torch::equal(*others->Read(id), first.at(id)));
  // A bit that has turned is noticed.
  const std::string name = files().begin()->first;
  auto bytes = *ReadFile(mels / name);
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  ASSERT_TRUE(WriteFileAtomic(mels / name, bytes).ok());
  int damaged = 0;
  for (const Utterance& utterance : corpus->utterances) {
    damaged += absl::IsDataLoss(others->Read(utterance.id).status()) ? 1 : 0;
  }
  EXPECT_EQ(damaged, 1);

  TrainConfig stranger = config;
  stranger.speakers = {"low", "other"};
  EXPECT_TRUE(absl::IsInvalidArgument(predict("run", stranger).status()));
  stranger = config;
  stranger.audio.log_floor = 1e-4;
  EXPECT_TRUE(absl::IsInvalidArgument(predict("run", stranger).status()));

  TrainConfig fine_tuning = config;
  fine_tuning.model.vocoder = VocoderConfig();
  fine_tuning.model.vocoder.hidden = 16;
  fine_tuning.model.vocoder.blocks = 1;
  fine_tuning.vocoder.predicted_by = (folder_ / "run").string();
  fine_tuning.vocoder.predicted_share = 1.0;
  fine_tuning.vocoder.segment_frames = 16;
  fine_tuning.vocoder.steps = 2;
  Train(fine_tuning, "run");
  EXPECT_FALSE(fs::is_empty(folder_ / "run/predicted"));
  EXPECT_TRUE(LoadStageWeights(folder_ / "run", "vocoder", false).ok());
}

TEST_F(SpeakersTest, InitialWeightsFromNowhereAreAnError) {
  EXPECT_FALSE(LoadInitialWeights(folder_ / "nowhere", "acoustic", {"low"}).ok());
  const auto none = LoadInitialWeights(folder_, "acoustic", {"low"});
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_TRUE(none->weights.empty());
}

}  // namespace
}  // namespace m2tts
