// Batches padded to a grid of shapes, as for a GPU: nothing but the padding changes.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "core/model/m2tts_model.h"
#include "tests/core/base/temp_folder.h"
#include "trainer/data/batch.h"
#include "trainer/data/dataset.h"
#include "trainer/loss/spectral_loss.h"

namespace m2tts {
namespace {

constexpr BatchGrid kGrid{32, 24};

class BatchGridTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(WriteDummyCorpus(folder_.path() / "corpus", 8, 22050).ok());
    const auto config = ParseTrainConfig(fmt::format(R"(name: grid
data: {{root: {0}/corpus, cache: {0}/cache, validation: 2}}
model: {{hidden: 16, heads: 2, encoder_layers: 2, decoder_layers: 2, ffn_multiplier: 2, predictor_hidden: 16,
  predictor_layers: 2, energy: true, frame_pitch: true, vocoder: {{type: griffin_lim}}}}
)",
                                                     folder_.path().string()),
                                         "test");
    ASSERT_TRUE(config.ok()) << config.status();
    config_ = *config;
    auto corpus = LoadCorpus(config_, std::filesystem::path(M2TTS_BINARY_DIR) / "lexicon/en_US.lex", nullptr);
    ASSERT_TRUE(corpus.ok()) << corpus.status();
    corpus_ = *std::move(corpus);
    for (Utterance& utterance : corpus_.utterances) {
      const auto phonemes = static_cast<int64_t>(utterance.sentence.phonemes.size());
      utterance.durations.assign(phonemes, utterance.frames / phonemes);
      utterance.durations.back() += utterance.frames % phonemes;
    }
  }

  const TempFolder folder_;
  TrainConfig config_;
  Corpus corpus_;
};

TEST_F(BatchGridTest, ShapesAreMultiples) {
  const auto batch = MakeAcousticBatch(corpus_, corpus_.training, kGrid);
  ASSERT_TRUE(batch.ok()) << batch.status();
  EXPECT_EQ(batch->mel.size(1) % kGrid.frames, 0);
  EXPECT_EQ(batch->frame_pitch.size(1), batch->mel.size(1));
  EXPECT_EQ(batch->phonemes.ids.size(1) % kGrid.phonemes, 0);
  EXPECT_EQ(batch->phonemes.stress.sizes(), batch->phonemes.ids.sizes());
  EXPECT_EQ(batch->durations.sizes(), batch->phonemes.ids.sizes());
  const auto frames = TrainingFrames(corpus_, kGrid.frames), exact = TrainingFrames(corpus_);
  for (size_t i = 0; i < exact.size(); ++i) {
    EXPECT_EQ(frames[i] % kGrid.frames, 0);
    EXPECT_GE(frames[i], exact[i]);
    EXPECT_LT(frames[i], exact[i] + kGrid.frames);
  }
  EXPECT_EQ(RoundUp(64, 32), 64);
}

TEST_F(BatchGridTest, PredictionsAndLossesAreThoseWithoutIt) {
  torch::manual_seed(3);
  AcousticModel model(config_.model, config_.audio);
  model->SetStatistics(corpus_.statistics);
  // The weights of frame pitch start at zero.
  torch::NoGradGuard no_grad;
  for (auto& parameter : model->parameters()) parameter.add_(0.05 * torch::randn_like(parameter));
  model->eval();
  const auto exact = MakeAcousticBatch(corpus_, corpus_.training);
  const auto padded = MakeAcousticBatch(corpus_, corpus_.training, kGrid);
  ASSERT_TRUE(exact.ok() && padded.ok());
  ASSERT_NE(padded->mel.size(1), exact->mel.size(1)) << "nothing would be compared";
  ASSERT_NE(padded->phonemes.ids.size(1), exact->phonemes.ids.size(1));
  const auto speak = [&](const AcousticBatch& batch) {
    return model->forward(batch.phonemes, batch.durations, batch.pitch, batch.frame_pitch, batch.energy,
                          batch.mel.size(1));
  };
  const auto wanted = speak(*exact), found = speak(*padded);
  const auto longest = exact->mel.size(1), phonemes = exact->phonemes.ids.size(1);
  ASSERT_EQ(found.mel.size(1), padded->mel.size(1));
  EXPECT_TRUE(torch::allclose(found.mel.narrow(1, 0, longest), wanted.mel, 1e-4, 1e-5));
  EXPECT_EQ(found.mel.narrow(1, longest, found.mel.size(1) - longest).abs().sum().item<double>(), 0.0);
  EXPECT_TRUE(torch::equal(found.mel_mask.narrow(1, 0, longest), wanted.mel_mask));
  for (const auto& [a, b] : {std::pair(found.log_durations, wanted.log_durations),
                             std::pair(found.pitch, wanted.pitch), std::pair(found.energy, wanted.energy)}) {
    EXPECT_TRUE(torch::allclose(a.narrow(1, 0, phonemes), b, 1e-4, 1e-5));
  }
  EXPECT_NEAR(MaskedL1(found.mel, padded->mel, found.mel_mask).item<double>(),
              MaskedL1(wanted.mel, exact->mel, wanted.mel_mask).item<double>(), 1e-5);
  EXPECT_NEAR(MaskedMse(found.pitch, padded->pitch, found.mask).item<double>(),
              MaskedMse(wanted.pitch, exact->pitch, wanted.mask).item<double>(), 1e-5);
}

}  // namespace
}  // namespace m2tts
