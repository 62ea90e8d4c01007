#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/model/m2tts_model.h"
#include "core/text/phoneme.h"
#include "trainer/config/train_config.h"
#include "trainer/data/dataset.h"
#include "trainer/growth/grow.h"
#include "trainer/pipeline.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

using ::testing::HasSubstr;

ModelConfig Small() {
  ModelConfig config;
  config.hidden = 16;
  config.heads = 2;
  config.encoder_layers = 2;
  config.decoder_layers = 1;
  config.ffn_multiplier = 2;
  config.predictor_hidden = 8;
  config.frame_pitch = true;
  config.energy = true;
  config.speakers = 2;
  return config;
}

PhonemeBatch Phonemes() {
  PhonemeBatch batch;
  batch.ids = torch::randint(kSpecialCount, kPhonemeCount, {2, 12}, torch::kInt64);
  batch.stress = torch::randint(0, kStressCount, {2, 12}, torch::kInt64);
  batch.lengths = torch::tensor({12, 7});
  batch.speaker = torch::tensor({1, 0});
  batch.ids[1].narrow(0, 7, 5).fill_(kPad);
  batch.stress[1].narrow(0, 7, 5).fill_(0);
  return batch;
}

// A model whose zeros (biases, the pitch of frames) were learned away.
TensorMap Learned(const ModelConfig& config) {
  torch::NoGradGuard no_grad;
  AcousticModel model(config, AudioConfig());
  for (auto& parameter : model->parameters()) parameter.add_(0.1 * torch::randn_like(parameter));
  TensorMap weights;
  for (const auto& [name, tensor] : NamedTensors(*model, "")) weights.emplace(name, tensor.detach().clone());
  return weights;
}

AcousticModelImpl::Output Compute(const ModelConfig& config, const TensorMap& weights) {
  torch::NoGradGuard no_grad;
  AcousticModel model(config, AudioConfig());
  EXPECT_TRUE(CopyTensors(weights, NamedTensors(*model, "")).ok());
  model->eval();
  torch::manual_seed(7);
  const auto batch = Phonemes();
  const auto mask = LengthMask(batch.lengths, 12).squeeze(2);
  const auto pitch = torch::randn({2, 12}) * mask, energy = torch::randn({2, 12}) * mask;
  return model->forward(batch, 3 * mask.to(torch::kInt64), pitch, {}, energy);
}

TEST(GrowthTest, AWiderAndDeeperModelComputesTheSame) {
  torch::manual_seed(1);
  const ModelConfig small = Small();
  const TensorMap weights = Learned(small);
  const auto before = Compute(small, weights);
  std::vector<std::pair<std::string, ModelConfig>> larger(5, {"", small});
  larger[0] = {"depth", small};
  larger[0].second.encoder_layers = 4;
  larger[0].second.decoder_layers = 3;
  larger[1] = {"width of heads", small};
  larger[1].second.hidden = 32;
  larger[2] = {"number of heads", small};
  larger[2].second.hidden = 48;
  larger[2].second.heads = 6;
  larger[3] = {"feed-forward and predictors", small};
  larger[3].second.ffn_multiplier = 4;
  larger[3].second.predictor_hidden = 24;
  larger[4] = {"all", small};
  larger[4].second.hidden = 64;
  larger[4].second.heads = 4;
  larger[4].second.ffn_multiplier = 3;
  larger[4].second.predictor_hidden = 16;
  larger[4].second.encoder_layers = 3;
  larger[4].second.decoder_layers = 2;
  for (const auto& [what, config] : larger) {
    const auto grown = GrowAcoustic(weights, small, config, AudioConfig(), 3);
    ASSERT_TRUE(grown.ok()) << what << grown.status();
    const auto after = Compute(config, *grown);
    EXPECT_LT((after.mel - before.mel).abs().max().item<double>(), 1e-4) << what;
    EXPECT_LT((after.log_durations - before.log_durations).abs().max().item<double>(), 1e-4) << what;
    EXPECT_LT((after.pitch - before.pitch).abs().max().item<double>(), 1e-4) << what;
    EXPECT_LT((after.energy - before.energy).abs().max().item<double>(), 1e-4) << what;
  }
}

TEST(GrowthTest, CopiesOfAChannelGetDifferentGradients) {
  torch::manual_seed(2);
  ModelConfig wide = Small();
  wide.hidden = 32;
  const auto grown = GrowAcoustic(Learned(Small()), Small(), wide, AudioConfig(), 3);
  ASSERT_TRUE(grown.ok()) << grown.status();
  AcousticModel model(wide, AudioConfig());
  ASSERT_TRUE(CopyTensors(*grown, NamedTensors(*model, "")).ok());
  const auto batch = Phonemes();
  const auto mask = LengthMask(batch.lengths, 12).squeeze(2);
  model->forward(batch, 3 * mask.to(torch::kInt64), torch::randn({2, 12}) * mask)
      .mel.square()
      .sum()
      .backward();
  const auto rows = model->named_parameters()["encoder.blocks.0.ffn_in.linear.weight"];
  const auto a = rows.grad()[0], b = rows.grad()[1];  // of two copies
  EXPECT_GT((a / a.norm() - b / b.norm()).abs().max().item<double>(), 1e-3);
}

TEST(GrowthTest, RefusesWhatWouldChangeTheFunction) {
  const auto refusal = [](const std::function<void(ModelConfig*)>& change) {
    ModelConfig to = Small();
    change(&to);
    const Status status = CheckGrowth(Small(), to);
    EXPECT_TRUE(absl::IsInvalidArgument(status));
    return std::string(status.message());
  };
  EXPECT_TRUE(CheckGrowth(Small(), Small()).ok());
  EXPECT_THAT(refusal([](ModelConfig* to) { to->hidden = 24; }), HasSubstr("hidden grows from 16 to 24"));
  EXPECT_THAT(refusal([](ModelConfig* to) { to->hidden = 8; }), HasSubstr("hidden grows from 16 to 8"));
  EXPECT_THAT(refusal([](ModelConfig* to) { to->heads = 4; }), HasSubstr("hidden / heads"));
  EXPECT_THAT(refusal([](ModelConfig* to) { to->encoder_layers = 1; }), HasSubstr("encoder_layers shrinks"));
  EXPECT_THAT(refusal([](ModelConfig* to) { to->ffn_kernel = 5; }), HasSubstr("only widths"));
  const auto missing = GrowAcoustic({}, Small(), Small(), AudioConfig(), 1);
  EXPECT_THAT(std::string(missing.status().message()), HasSubstr("missing"));
}

std::string ConfigText(const fs::path& folder, const std::string& more) {
  return fmt::format(R"(
threads: 1
data: {{root: {0}/corpus, cache: {0}/cache, validation: 2}}
model: {{hidden: 32, heads: 2, encoder_layers: 2, decoder_layers: 2, ffn_multiplier: 1, predictor_hidden: 16,
  predictor_layers: 1, dropout: 0, vocoder: {{type: griffin_lim}}}}
aligner: {{steps: 3, frames_per_batch: 800}}
acoustic: {{steps: 6, warmup_steps: 1, learning_rate: 0.002, frames_per_batch: 800, validate_every: 1, log_every: 1,
  ema_decay: 0, samples_every: 0}}
{1}
)",
                     folder.string(), more);
}

PipelineOptions AcousticOptions(const fs::path& folder) {
  PipelineOptions options;
  options.run = folder / "run";
  options.lexicon = fs::path(M2TTS_BINARY_DIR) / "lexicon/en_US.lex";
  options.stages = {"aligner", "acoustic"};
  return options;
}

TEST(ProgressiveTest, ConfigsAreCheckedByField) {
  const auto message = [](const std::string& more) {
    const auto config = ParseTrainConfig(ConfigText("/x", more), "test");
    EXPECT_TRUE(absl::IsInvalidArgument(config.status())) << more;
    return std::string(config.status().message());
  };
  EXPECT_THAT(message("progressive: [{hidden: 16}]"), HasSubstr("steps"));
  EXPECT_THAT(message("progressive: [{steps: 5, hidden: 20}]"), HasSubstr("progressive[0]"));
  EXPECT_THAT(message("progressive: [{steps: 5, layers: 2}]"), HasSubstr("layers"));
  EXPECT_THAT(message("progressive: [{steps: 5, hidden: 16}, {steps: 5, hidden: 8}]"),
              HasSubstr("progressive[0]"));
  EXPECT_THAT(message("progressive: [{steps: 5, hidden: 16}]\ninit_from: runs/x"), HasSubstr("init_from"));
}

TEST(ProgressiveTest, TheLossDoesNotJumpWhereTheModelGrows) {
  const fs::path folder = fs::path(testing::TempDir()) / fmt::format("m2tts-growth-{}", getpid());
  fs::remove_all(folder);
  ASSERT_TRUE(WriteDummyCorpus(folder / "corpus", 12, 22050).ok());
  const auto config = ParseTrainConfig(ConfigText(folder,
                                                  "progressive:\n  - {steps: 12, hidden: 16, encoder_layers: "
                                                  "1, decoder_layers: 1, predictor_hidden: 8}\n"
                                                  "  - {steps: 8, hidden: 16, predictor_hidden: 16}\n"),
                                       "test");
  ASSERT_TRUE(config.ok()) << config.status();
  PipelineOptions options = AcousticOptions(folder);
  // Stopped in the second phase, it goes on there.
  options.max_steps = 3 + 12 + 4;
  ASSERT_TRUE(absl::IsAborted(RunPipeline(*config, options)));
  options.max_steps.reset();
  const Status done = RunPipeline(*config, options);
  ASSERT_TRUE(done.ok()) << done;
  std::map<std::string, std::map<int, double>> mel;  // validation by stage and step
  std::ifstream log(folder / "run/log.jsonl");
  for (std::string line; std::getline(log, line);) {
    const auto json = nlohmann::json::parse(line);
    if (json["event"] == "validation" && json.contains("mel")) mel[json["stage"]][json["step"]] = json["mel"];
  }
  ASSERT_EQ(mel["grow-1"].size(), 12u);
  ASSERT_EQ(mel["grow-2"].size(), 8u);
  ASSERT_EQ(mel["acoustic"].size(), 6u);
  EXPECT_LT(mel["grow-1"][12], mel["grow-1"][1]);
  EXPECT_LT(mel["grow-2"][1], 1.05 * mel["grow-1"][12]);
  EXPECT_LT(mel["acoustic"][1], 1.05 * mel["grow-2"][8]);
  EXPECT_LT(mel["acoustic"][6], mel["grow-1"][12]);
  fs::remove_all(folder);
}

TEST(ProgressiveTest, TheModelGrowsWhenHeatAllows) {
  const fs::path folder = fs::path(testing::TempDir()) / fmt::format("m2tts-growth-heat-{}", getpid());
  fs::remove_all(folder);
  ASSERT_TRUE(WriteDummyCorpus(folder / "corpus", 6, 22050).ok());
  const auto set_celsius = [&](int celsius) {
    std::ofstream(folder / "sensors.yaml") << fmt::format("thermal: {{celsius: {}}}", celsius);
  };
  set_celsius(85);  // fair: training goes on
  const auto config = ParseTrainConfig(
      ConfigText(folder, fmt::format("progressive: [{{steps: 2, hidden: 16, predictor_hidden: 8}}]\n"
                                     "protection: {{sensors: {}}}",
                                     (folder / "sensors.yaml").string())),
      "test");
  ASSERT_TRUE(config.ok()) << config.status();
  PipelineOptions options = AcousticOptions(folder);
  options.max_steps = 3 + 2 + 3;
  ASSERT_TRUE(absl::IsAborted(RunPipeline(*config, options)));
  EXPECT_TRUE(fs::exists(folder / "run/grow-1/step-00000005.safetensors"));
  EXPECT_FALSE(fs::exists(folder / "run/acoustic"));
  set_celsius(60);
  options.max_steps.reset();
  const Status done = RunPipeline(*config, options);
  ASSERT_TRUE(done.ok()) << done;
  EXPECT_TRUE(fs::exists(folder / "run/acoustic/step-00000006.safetensors"));
  EXPECT_FALSE(fs::exists(folder / "run/grow-1/step-00000006.safetensors")) << "it was long enough";
  fs::remove_all(folder);
}

}  // namespace
}  // namespace m2tts
