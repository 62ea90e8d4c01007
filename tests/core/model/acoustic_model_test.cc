#include <gtest/gtest.h>

#include "core/model/m2tts_model.h"
#include "core/text/phoneme.h"

namespace m2tts {
namespace {

constexpr double kBatchTolerance = 1e-4;

ModelConfig SmallConfig() {
  ModelConfig config;
  config.hidden = 32;
  config.encoder_layers = 2;
  config.decoder_layers = 2;
  config.predictor_hidden = 16;
  return config;
}

PhonemeBatch RandomPhonemes(const std::vector<int64_t>& lengths) {
  const int64_t longest = *std::max_element(lengths.begin(), lengths.end());
  PhonemeBatch batch;
  batch.lengths = torch::tensor(lengths);
  const auto count = static_cast<int64_t>(lengths.size());
  const auto mask = LengthMask(batch.lengths, longest).squeeze(2).to(torch::kInt64);
  batch.ids = torch::randint(kSpecialCount, kPhonemeCount, {count, longest}, torch::kInt64) * mask;
  batch.stress = torch::randint(0, kStressCount, {count, longest}, torch::kInt64) * mask;
  batch.speaker = torch::zeros({count}, torch::kInt64);
  return batch;
}

PhonemeBatch Row(const PhonemeBatch& batch, int64_t row) {
  const int64_t length = batch.lengths[row].item<int64_t>();
  const auto cut = [&](const torch::Tensor& t) { return t.narrow(0, row, 1).narrow(1, 0, length); };
  return {cut(batch.ids), cut(batch.stress), batch.lengths.narrow(0, row, 1),
          batch.speaker.narrow(0, row, 1)};
}

TEST(AcousticModelTest, SameMelAloneAndPaddedInABatch) {
  torch::manual_seed(1);
  AcousticModel model(SmallConfig(), AudioConfig());
  model->eval();
  torch::NoGradGuard no_grad;
  const PhonemeBatch batch = RandomPhonemes({9, 31, 20});
  const auto mask = LengthMask(batch.lengths, 31).squeeze(2);
  const auto durations = torch::randint(1, 8, {3, 31}, torch::kInt64) * mask.to(torch::kInt64);
  const auto pitch = torch::randn({3, 31}) * mask;
  const auto together = model->forward(batch, durations, pitch);
  for (int64_t row = 0; row < 3; ++row) {
    const int64_t length = batch.lengths[row].item<int64_t>();
    const auto alone = model->forward(Row(batch, row), durations.narrow(0, row, 1).narrow(1, 0, length),
                                      pitch.narrow(0, row, 1).narrow(1, 0, length));
    const int64_t frames = alone.mel.size(1);
    EXPECT_TRUE(torch::allclose(together.mel[row].narrow(0, 0, frames), alone.mel[0], kBatchTolerance,
                                kBatchTolerance))
        << row;
    EXPECT_EQ(together.mel[row].narrow(0, frames, together.mel.size(1) - frames).abs().sum().item<double>(),
              0.0);
    EXPECT_TRUE(torch::allclose(together.log_durations[row].narrow(0, 0, length), alone.log_durations[0],
                                kBatchTolerance, kBatchTolerance));
    EXPECT_TRUE(torch::allclose(together.pitch[row].narrow(0, 0, length), alone.pitch[0], kBatchTolerance,
                                kBatchTolerance));
  }
}

TEST(AcousticModelTest, WindowedMelEqualsWholeMel) {
  torch::manual_seed(2);
  const ModelConfig config = SmallConfig();
  AcousticModel model(config, AudioConfig());
  model->eval();
  torch::NoGradGuard no_grad;
  const int64_t frames = 300, context = config.DecoderReceptiveField() / 2;
  const auto hidden = torch::randn({1, frames, config.hidden}), position = torch::rand({1, frames, 3});
  const auto speaker = torch::zeros({1}, torch::kInt64);
  const auto whole = model->DecodeMel(hidden, position, torch::ones({1, frames, 1}), speaker);
  for (const auto& [begin, end] :
       std::vector<std::pair<int64_t, int64_t>>{{0, 24}, {24, 72}, {72, 171}, {171, 300}}) {
    const int64_t from = std::max<int64_t>(0, begin - context), to = std::min(frames, end + context);
    const auto window =
        model->DecodeMel(hidden.narrow(1, from, to - from), position.narrow(1, from, to - from),
                         torch::ones({1, to - from, 1}), speaker);
    EXPECT_TRUE(torch::allclose(window.narrow(1, begin - from, end - begin),
                                whole.narrow(1, begin, end - begin), kBatchTolerance, kBatchTolerance))
        << begin;
  }
}

TEST(AcousticModelTest, PitchChangesTheMelAndStatisticsAreKept) {
  torch::manual_seed(3);
  AcousticModel model(SmallConfig(), AudioConfig());
  model->SetStatistics(
      {torch::full({1, 64}, -4.0f), torch::full({64}, 2.0f), torch::tensor({5.2f, 0.3f}).view({1, 2}), {}});
  EXPECT_NEAR(model->pitch_mean(0), 5.2, 1e-6);
  EXPECT_NEAR(model->pitch_deviation(0), 0.3, 1e-6);
  const auto only = torch::zeros({1}, torch::kInt64);
  EXPECT_NEAR(model->StandardizeMel(torch::full({1, 1, 64}, -2.0f), only).mean().item<double>(), 1.0, 1e-6);
  model->eval();
  torch::NoGradGuard no_grad;
  const auto batch = RandomPhonemes({12});
  const auto plan = model->Predict(batch);
  const auto low = model->AddPitch(plan.encoded, plan.pitch, plan.mask);
  const auto high = model->AddPitch(plan.encoded, plan.pitch + 1.0, plan.mask);
  EXPECT_GT((low - high).abs().max().item<double>(), 1e-4);
}

ModelConfig FramePitchConfig() {
  ModelConfig config = SmallConfig();
  config.frame_pitch = true;
  return config;
}

// What a model with frame_pitch starts as says nothing of it: give its weights a value.
void RandomizePitch(const AcousticModel& model) {
  torch::NoGradGuard no_grad;
  for (const auto& item : model->named_parameters()) {
    if (item.key().rfind("decoder.pitch.", 0) == 0) item.value().normal_(0, 0.3);
  }
}

TEST(AcousticModelTest, FramePitchStartsWithoutAWordAndIsHeardLater) {
  torch::manual_seed(6);
  AcousticModel model(FramePitchConfig(), AudioConfig());
  model->eval();
  torch::NoGradGuard no_grad;
  const auto batch = RandomPhonemes({6});
  const auto durations = torch::full({1, 6}, 4, torch::kInt64);
  const auto pitch = torch::randn({1, 6}), frames = torch::randn({1, 24});
  const auto without = model->forward(batch, durations, pitch).mel;
  EXPECT_TRUE(torch::equal(model->forward(batch, durations, pitch, frames).mel, without));
  RandomizePitch(model);
  const auto lines = model->forward(batch, durations, pitch).mel;
  EXPECT_FALSE(torch::allclose(lines, without));
  EXPECT_TRUE(
      torch::equal(model->forward(batch, durations, pitch, InterpolateValues(pitch, durations)).mel, lines));
  EXPECT_FALSE(torch::allclose(model->forward(batch, durations, pitch, frames).mel, lines));
}

TEST(AcousticModelTest, FramePitchIsTheSameAloneAndPaddedInABatch) {
  torch::manual_seed(7);
  AcousticModel model(FramePitchConfig(), AudioConfig());
  RandomizePitch(model);
  model->eval();
  torch::NoGradGuard no_grad;
  const PhonemeBatch batch = RandomPhonemes({5, 9});
  const auto durations =
      torch::randint(1, 8, {2, 9}, torch::kInt64) * LengthMask(batch.lengths, 9).squeeze(2).to(torch::kInt64);
  const auto pitch = torch::randn({2, 9}) * LengthMask(batch.lengths, 9).squeeze(2);
  const auto together = model->forward(batch, durations, pitch).mel;
  const auto alone = model
                         ->forward(Row(batch, 0), durations.narrow(0, 0, 1).narrow(1, 0, 5),
                                   pitch.narrow(0, 0, 1).narrow(1, 0, 5))
                         .mel;
  EXPECT_TRUE(
      torch::allclose(together[0].narrow(0, 0, alone.size(1)), alone[0], kBatchTolerance, kBatchTolerance));
}

ModelConfig EnergyConfig() {
  ModelConfig config = SmallConfig();
  config.energy = true;
  return config;
}

// As RandomizePitch.
void RandomizeEnergy(const AcousticModel& model) {
  torch::NoGradGuard no_grad;
  for (const auto& item : model->named_parameters()) {
    if (item.key().rfind("energy.embed.", 0) == 0) item.value().normal_(0, 0.3);
  }
}

TEST(AcousticModelTest, EnergyStartsWithoutAWordAndIsHeardLater) {
  torch::manual_seed(8);
  AcousticModel model(EnergyConfig(), AudioConfig());
  model->eval();
  torch::NoGradGuard no_grad;
  const auto batch = RandomPhonemes({6});
  const auto durations = torch::full({1, 6}, 4, torch::kInt64);
  const auto pitch = torch::randn({1, 6}), energy = torch::randn({1, 6});
  const auto mel = [&](const torch::Tensor& given) {
    return model->forward(batch, durations, pitch, {}, given).mel;
  };
  EXPECT_TRUE(torch::equal(mel(energy), mel({})));
  RandomizeEnergy(model);
  EXPECT_FALSE(torch::allclose(mel(energy), mel({})));
  // What is not given is what was predicted.
  EXPECT_TRUE(torch::equal(mel({}), mel(model->Predict(batch).energy)));
}

TEST(AcousticModelTest, EnergyIsTheSameAloneAndPaddedInABatch) {
  torch::manual_seed(9);
  AcousticModel model(EnergyConfig(), AudioConfig());
  RandomizeEnergy(model);
  model->eval();
  torch::NoGradGuard no_grad;
  const PhonemeBatch batch = RandomPhonemes({5, 9});
  const auto mask = LengthMask(batch.lengths, 9).squeeze(2);
  const auto durations = torch::randint(1, 8, {2, 9}, torch::kInt64) * mask.to(torch::kInt64);
  const auto pitch = torch::randn({2, 9}) * mask, energy = torch::randn({2, 9}) * mask;
  const auto row = [](const torch::Tensor& x) { return x.narrow(0, 0, 1).narrow(1, 0, 5); };
  const auto together = model->forward(batch, durations, pitch, {}, energy);
  const auto alone = model->forward(Row(batch, 0), row(durations), row(pitch), {}, row(energy));
  ASSERT_EQ(together.energy.sizes(), (std::vector<int64_t>{2, 9}));
  EXPECT_TRUE(torch::allclose(row(together.energy), alone.energy, kBatchTolerance, kBatchTolerance));
  EXPECT_EQ(together.energy[0].narrow(0, 5, 4).abs().sum().item<double>(), 0.0);
  EXPECT_TRUE(torch::allclose(together.mel[0].narrow(0, 0, alone.mel.size(1)), alone.mel[0], kBatchTolerance,
                              kBatchTolerance));
}

TEST(AcousticModelTest, WithoutEnergyNothingOfItIsInTheModel) {
  torch::manual_seed(10);
  AcousticModel with(EnergyConfig(), AudioConfig()), without(SmallConfig(), AudioConfig());
  int tensors = 0;
  for (const auto& [name, tensor] : NamedTensors(*with, "")) tensors += name.rfind("energy", 0) == 0 ? 1 : 0;
  for (const auto& [name, tensor] : NamedTensors(*without, ""))
    EXPECT_NE(name.rfind("energy", 0), 0u) << name;
  EXPECT_GT(tensors, 0);
  const auto batch = RandomPhonemes({6});
  EXPECT_FALSE(without->Predict(batch).energy.defined());
  with->SetStatistics({torch::full({1, 64}, -4.0f), torch::full({64}, 2.0f),
                       torch::tensor({5.2f, 0.3f}).view({1, 2}), torch::tensor({-2.5f, 1.5f}).view({1, 2})});
  const auto stored = NamedTensors(*with, "").at("energy_stats");
  EXPECT_TRUE(torch::equal(stored, torch::tensor({-2.5f, 1.5f}).view({1, 2})));
}

TEST(AcousticModelTest, GradientsReachEveryParameter) {
  torch::manual_seed(4);
  ModelConfig config = FramePitchConfig();
  config.energy = true;
  AcousticModel model(config, AudioConfig());
  const auto batch = RandomPhonemes({10, 7});
  const auto mask = LengthMask(batch.lengths, 10).squeeze(2);
  const auto output = model->forward(batch, 3 * mask.to(torch::kInt64), torch::randn({2, 10}) * mask, {},
                                     torch::randn({2, 10}) * mask);
  (output.mel.square().sum() + output.log_durations.square().sum() + output.pitch.square().sum() +
   output.energy.square().sum())
      .backward();
  for (const auto& item : model->named_parameters()) {
    ASSERT_TRUE(item.value().grad().defined()) << item.key();
    EXPECT_TRUE(item.value().grad().isfinite().all().item<bool>()) << item.key();
  }
}

TEST(AcousticModelTest, SpeakersSoundDifferent) {
  torch::manual_seed(5);
  ModelConfig config = SmallConfig();
  config.speakers = 3;
  AcousticModel model(config, AudioConfig());
  model->eval();
  torch::NoGradGuard no_grad;
  auto batch = RandomPhonemes({8});
  const auto first = model->Predict(batch).encoded;
  batch.speaker.fill_(2);
  EXPECT_GT((model->Predict(batch).encoded - first).abs().max().item<double>(), 1e-3);
}

}  // namespace
}  // namespace m2tts
