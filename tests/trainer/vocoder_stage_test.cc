// What learns in a vocoder's stage, and what does not.
#include "trainer/stages/vocoder_stage.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/core/base/temp_folder.h"
#include "tests/trainer/metric_of.h"
#include "trainer/data/dataset.h"

namespace m2tts {
namespace {

TEST(VocoderStageTest, TrainableNamesPartsOfTheVocoderAndNotOfItsDiscriminators) {
  const TempFolder folder;
  ASSERT_TRUE(WriteDummyCorpus(folder.path() / "corpus", 4, 22050).ok());
  const auto config = ParseTrainConfig(fmt::format(R"(
data: {{root: {0}/corpus, cache: {0}/cache, validation: 1}}
model: {{vocoder: {{type: istft, hidden: 16, blocks: 1, expansion: 1}}}}
vocoder: {{steps: 4, warmup_steps: 0, segments_per_batch: 2, segment_frames: 16, trainable: [head]}}
vocoder_loss: {{adversarial_from: 0, discriminator_warmup: 1, discriminator_channels: 4}}
)",
                                                   folder.path().string()),
                                       "test");
  ASSERT_TRUE(config.ok()) << config.status();
  const auto corpus =
      LoadCorpus(*config, std::filesystem::path(M2TTS_BINARY_DIR) / "lexicon/en_US.lex", nullptr);
  ASSERT_TRUE(corpus.ok()) << corpus.status();
  torch::manual_seed(4);
  const auto stage = VocoderStage::Create(*config, &*corpus, {});
  ASSERT_TRUE(stage.ok()) << stage.status();
  const auto copied = [&] {
    const auto state = (*stage)->State();  // named: the loop would let a temporary go
    TensorMap tensors;
    for (const auto& [name, tensor] : *state) tensors.emplace(name, tensor.clone());
    return tensors;
  };
  const TensorMap before = copied();
  for (int64_t step = 0; step < 3; ++step) {
    const auto metrics = (*stage)->Step(step, 1e-3, 1);
    ASSERT_TRUE(metrics.ok()) << metrics.status();
  }
  int vocoder = 0, discriminators = 0;
  for (const auto& [name, tensor] : copied()) {
    const bool changed = !torch::equal(tensor, before.at(name));
    if (name.rfind("vocoder.weights.", 0) == 0) {
      EXPECT_EQ(changed, name.find("head") != std::string::npos) << name;
      ++vocoder;
    }
    if (name.rfind("discriminator.weights.", 0) == 0) {
      EXPECT_TRUE(changed) << name;
      ++discriminators;
    }
  }
  EXPECT_GT(vocoder, 4);
  EXPECT_GT(discriminators, 40);
}

// A piece of a step is to the step what its share of the segments is.
TEST(VocoderStageTest, PiecesEqualTheWhole) {
  const TempFolder folder;
  ASSERT_TRUE(WriteDummyCorpus(folder.path() / "corpus", 4, 22050).ok());
  const auto outcome = [&](int accumulate, int segments, int parts) {
    const auto config = ParseTrainConfig(fmt::format(R"(
threads: 1
data: {{root: {0}/corpus, cache: {0}/cache, validation: 1}}
model: {{vocoder: {{type: istft, hidden: 16, blocks: 1, expansion: 1}}}}
vocoder: {{steps: 4, gradient_clip: 0, accumulate: {1}, segments_per_batch: {2}, segment_frames: 16, ema_decay: 0}}
vocoder_loss: {{adversarial_from: 0, discriminator_warmup: 0, discriminator_channels: 4,
  discriminator_learning_rate: 1.0e-9}}  # Adam's first step follows the signs of gradients, however small
)",
                                                     folder.path().string(), accumulate, segments),
                                         "test");
    EXPECT_TRUE(config.ok()) << config.status();
    const auto corpus =
        LoadCorpus(*config, std::filesystem::path(M2TTS_BINARY_DIR) / "lexicon/en_US.lex", nullptr);
    EXPECT_TRUE(corpus.ok()) << corpus.status();
    torch::manual_seed(4);
    const auto stage = VocoderStage::Create(*config, &*corpus, {});
    EXPECT_TRUE(stage.ok()) << stage.status();
    const auto metrics = (*stage)->Step(0, 0.0, parts);
    EXPECT_TRUE(metrics.ok()) << metrics.status();
    return *metrics;
  };
  const Metrics whole = outcome(1, 6, 1);
  ASSERT_GT(whole.size(), 5u) << "loss, mel, stft, generator, feature, discriminator, gradient_norm";
  for (const Metrics& pieces : {outcome(3, 2, 1), outcome(1, 6, 2), outcome(1, 6, 64)}) {
    ASSERT_EQ(pieces.size(), whole.size());
    for (size_t i = 0; i < whole.size(); ++i) {
      // In the logarithm of bins where next to nothing sounds, the rounding of an FFT weighs as much as that;
      // in double precision the equality is exact (loss_test.cc).
      const double share = whole[i].first == "gradient_norm" ? 2e-3 : 1e-5;
      EXPECT_NEAR(pieces[i].second, whole[i].second, share * std::abs(whole[i].second)) << whole[i].first;
    }
  }
}

// A vocoder that learns by cepstra alone comes nearer in mel cepstral distortion.
TEST(VocoderStageTest, CepstralWeightBringsCepstraNearer) {
  const TempFolder folder;
  ASSERT_TRUE(WriteDummyCorpus(folder.path() / "corpus", 4, 22050).ok());
  const auto config = ParseTrainConfig(fmt::format(R"(
threads: 1
data: {{root: {0}/corpus, cache: {0}/cache, validation: 1}}
model: {{vocoder: {{type: istft, hidden: 16, blocks: 1, expansion: 1}}}}
vocoder: {{steps: 30, segments_per_batch: 4, segment_frames: 16, ema_decay: 0}}
vocoder_loss: {{mel_weight: 0, stft_weight: 0, cepstral_weight: 2}}
)",
                                                   folder.path().string()),
                                       "test");
  ASSERT_TRUE(config.ok()) << config.status();
  const auto corpus =
      LoadCorpus(*config, std::filesystem::path(M2TTS_BINARY_DIR) / "lexicon/en_US.lex", nullptr);
  ASSERT_TRUE(corpus.ok()) << corpus.status();
  torch::manual_seed(4);
  const auto stage = VocoderStage::Create(*config, &*corpus, {});
  ASSERT_TRUE(stage.ok()) << stage.status();
  const auto before = (*stage)->Validate();
  ASSERT_TRUE(before.ok()) << before.status();
  for (int64_t step = 0; step < config->vocoder.steps; ++step) {
    const auto metrics = (*stage)->Step(step, 3e-3, 1);
    ASSERT_TRUE(metrics.ok()) << metrics.status();
    EXPECT_NEAR(MetricOf(*metrics, "loss"), 2.0 * MetricOf(*metrics, "cepstral"), 1e-6);
  }
  const auto after = (*stage)->Validate();
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_LT(MetricOf(*after, "mcd_db"), 0.7 * MetricOf(*before, "mcd_db"));
}

}  // namespace
}  // namespace m2tts
