// A model with energy: its targets, its training, its voice, and what voices without it have to do with it.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "core/sentence_batch.h"
#include "core/synthesizer.h"
#include "core/voice/voice_bundle.h"
#include "tests/core/base/temp_folder.h"
#include "trainer/data/batch.h"
#include "trainer/data/speech_statistics.h"
#include "trainer/export/exporter.h"
#include "trainer/pipeline.h"
#include "trainer/stages/acoustic_stage.h"
#include "trainer/stages/aligner_stage.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

class EnergyTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(WriteDummyCorpus(folder_.path() / "corpus", 14, 22050).ok()); }

  TrainConfig Config(bool energy, const std::string& more = "") const {
    const auto config = ParseTrainConfig(fmt::format(R"(name: loud
threads: 1
licence: Apache-2.0
data: {{root: {0}/corpus, cache: {0}/cache, validation: 3}}
model: {{hidden: 16, heads: 2, encoder_layers: 1, decoder_layers: 1, ffn_multiplier: 1, predictor_hidden: 16,
  predictor_layers: 1, dropout: 0, energy: {1}, vocoder: {{type: griffin_lim}}}}
aligner: {{steps: 20, frames_per_batch: 1500}}
acoustic: {{steps: 60, warmup_steps: 5, learning_rate: 0.005, frames_per_batch: 1000, validate_every: 20,
  ema_decay: 0, samples_every: 60, log_every: 1}}
{2}
)",
                                                     folder_.path().string(), energy, more),
                                         "test");
    EXPECT_TRUE(config.ok()) << config.status();
    return *config;
  }
  Status Train(const TrainConfig& config, const std::string& run) const {
    PipelineOptions options;
    options.run = folder_.path() / run;
    options.lexicon = lexicon_;
    return RunPipeline(config, options);
  }
  StatusOr<VoiceBundle> Export(const std::string& run, const std::string& voice) const {
    ExportOptions options;
    options.run = folder_.path() / run;
    options.output = folder_.path() / voice;
    options.dtype = "fp32";
    const auto report = ExportVoice(options);
    if (!report.ok()) return report.status();
    return LoadVoiceBundle(options.output);
  }
  std::vector<float> Speak(const std::string& voice) const {
    auto synthesizer = Synthesizer::Load(folder_.path() / voice, {});
    EXPECT_TRUE(synthesizer.ok()) << synthesizer.status();
    if (!synthesizer.ok()) return {};
    const auto wave = SynthesizeSentence(synthesizer->get(), GoldenSentence(), {});
    EXPECT_TRUE(wave.ok()) << wave.status();
    return wave.value_or(std::vector<float>());
  }

  const fs::path lexicon_ = fs::path(M2TTS_BINARY_DIR) / "lexicon/en_US.lex";
  const TempFolder folder_;
};

TEST_F(EnergyTest, TargetsAreMeansOfPhonemesInDeviationsOfTheSpeaker) {
  auto corpus = LoadCorpus(Config(true), lexicon_, nullptr);
  ASSERT_TRUE(corpus.ok()) << corpus.status();
  // Every clip in two halves of its frames: the first and the last phoneme share them.
  for (Utterance& utterance : corpus->utterances) {
    utterance.durations.assign(utterance.sentence.phonemes.size(), 0);
    utterance.durations.front() = utterance.frames / 2;
    utterance.durations.back() = utterance.frames - utterance.frames / 2;
  }
  torch::Tensor frames;
  for (const int item : corpus->training) {
    const auto features = corpus->Features(item);
    ASSERT_TRUE(features.ok()) << features.status();
    frames = frames.defined() ? torch::cat({frames, features->energy}) : features->energy;
  }
  const auto exact = frames.to(torch::kFloat64);
  const double mean = exact.mean().item<double>(), deviation = exact.std(false).item<double>();
  const auto& statistics = corpus->statistics.energy;
  ASSERT_EQ(statistics.sizes(), (std::vector<int64_t>{1, 2}));
  EXPECT_NEAR(statistics[0][0].item<double>(), mean, 1e-4);
  EXPECT_NEAR(statistics[0][1].item<double>(), deviation, 1e-4);

  const int item = corpus->training.front();
  const auto batch = MakeAcousticBatch(*corpus, {item, corpus->training.back()});
  ASSERT_TRUE(batch.ok()) << batch.status();
  const Utterance& utterance = corpus->utterances[item];
  const auto features = corpus->Features(item);
  ASSERT_TRUE(features.ok());
  const int64_t half = utterance.frames / 2;
  const auto wanted = [&](int64_t begin, int64_t count) {
    return (features->energy.narrow(0, begin, count).mean().item<double>() - mean) / deviation;
  };
  const auto last = static_cast<int64_t>(utterance.durations.size()) - 1;
  EXPECT_NEAR(batch->energy[0][0].item<double>(), wanted(0, half), 1e-3);
  EXPECT_NEAR(batch->energy[0][last].item<double>(), wanted(half, utterance.frames - half), 1e-3);
  // A phoneme without frames has the speaker's mean.
  EXPECT_EQ(batch->energy[0].narrow(0, 1, last - 1).abs().sum().item<double>(), 0.0);
}

TEST_F(EnergyTest, LearnsExportsAndSpeaks) {
  const Status trained = Train(Config(true), "run");
  ASSERT_TRUE(trained.ok()) << trained;
  int validations = 0;
  std::map<std::string, std::pair<double, double>> sums;  // over the first and the last ten steps
  std::ifstream log(folder_.path() / "run/log.jsonl");
  for (std::string line; std::getline(log, line);) {
    const auto json = nlohmann::json::parse(line);
    if (!json.contains("stage") || json["stage"] != "acoustic") continue;
    if (json["event"] == "validation") validations += json.contains("energy") ? 1 : 0;
    if (json["event"] != "step") continue;
    for (const char* name : {"loss", "energy"}) {
      if (json["step"] <= 10) sums[name].first += json[name].get<double>();
      if (json["step"] > 50) sums[name].second += json[name].get<double>();
    }
  }
  EXPECT_EQ(validations, 3);
  for (const auto& [name, sum] : sums) EXPECT_LT(sum.second, 0.9 * sum.first) << name;
  EXPECT_GT(sums["energy"].second, 0.0);

  const auto bundle = Export("run", "loud");
  ASSERT_TRUE(bundle.ok()) << bundle.status();
  EXPECT_TRUE(bundle->manifest.model.energy);
  const auto corpus = LoadCorpus(Config(true), lexicon_, nullptr);
  ASSERT_TRUE(corpus.ok()) << corpus.status();
  EXPECT_TRUE(torch::equal(bundle->weights.at("acoustic.energy_stats"), corpus->statistics.energy));
  EXPECT_GT(bundle->weights.at("acoustic.energy.embed.linear.weight").abs().max().item<double>(), 0.0);
  const auto wave = Speak("loud");
  EXPECT_FALSE(wave.empty());

  // The prediction is heard.
  VoiceBundle deaf = *bundle;
  deaf.manifest.name = "deaf";
  auto& embedding = deaf.weights.at("acoustic.energy.embed.linear.weight");
  embedding = torch::zeros_like(embedding);
  const Status saved = SaveVoiceBundle(folder_.path() / "deaf", deaf.manifest, deaf.weights);
  ASSERT_TRUE(saved.ok()) << saved;
  const auto other = Speak("deaf");
  ASSERT_EQ(other.size(), wave.size());
  EXPECT_NE(other, wave);
}

TEST_F(EnergyTest, AVoiceWithoutEnergyIsAsItWasAndCanBeTheStart) {
  ASSERT_TRUE(Train(Config(false), "plain").ok());
  const auto plain = Export("plain", "plain_voice");
  ASSERT_TRUE(plain.ok()) << plain.status();
  EXPECT_FALSE(plain->manifest.model.energy);
  for (const auto& [name, tensor] : plain->weights) EXPECT_EQ(name.find("energy"), std::string::npos) << name;
  EXPECT_FALSE(Speak("plain_voice").empty());

  // A run with energy that starts from it and has learned nothing yet says the same.
  TrainConfig config = Config(true, "init_from: " + (folder_.path() / "plain_voice").string());
  config.acoustic.steps = 1;
  config.acoustic.learning_rate = 0.0;
  config.acoustic.weight_decay = 0.0;
  const Status trained = Train(config, "with");
  ASSERT_TRUE(trained.ok()) << trained;
  const auto with = Export("with", "with_voice");
  ASSERT_TRUE(with.ok()) << with.status();
  for (const auto& [name, tensor] : plain->weights) {
    EXPECT_TRUE(torch::equal(with->weights.at(name), tensor)) << name;
  }
  EXPECT_EQ(Speak("with_voice"), Speak("plain_voice"));
}

}  // namespace
}  // namespace m2tts
