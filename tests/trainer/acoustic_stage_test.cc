// What the validation of an acoustic stage tells.
#include "trainer/stages/acoustic_stage.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/core/base/temp_folder.h"
#include "tests/trainer/metric_of.h"
#include "trainer/data/dataset.h"

namespace m2tts {
namespace {

// Every phoneme as long as the others of its clip, about.
void AlignEvenly(Corpus* corpus) {
  for (Utterance& utterance : corpus->utterances) {
    const auto count = static_cast<int64_t>(utterance.sentence.phonemes.size());
    utterance.durations.clear();
    for (int64_t i = 0; i < count; ++i) {
      utterance.durations.push_back((i + 1) * utterance.frames / count - i * utterance.frames / count);
    }
  }
}

TEST(AcousticStageTest, ValidationTellsWhatTheModelSpeaksByItself) {
  const TempFolder folder;
  ASSERT_TRUE(WriteDummyCorpus(folder.path() / "corpus", 12, 22050).ok());
  const auto config = ParseTrainConfig(fmt::format(R"(
threads: 1
data: {{root: {0}/corpus, cache: {0}/cache, validation: 2}}
model: {{hidden: 32, heads: 2, encoder_layers: 1, decoder_layers: 1, ffn_multiplier: 2, predictor_hidden: 32,
  predictor_layers: 1, dropout: 0, vocoder: {{type: griffin_lim}}}}
acoustic: {{steps: 150, frames_per_batch: 1000, ema_decay: 0}}
acoustic_loss: {{duration_weight: 1, cepstral_weight: 1}}
)",
                                                   folder.path().string()),
                                       "test");
  ASSERT_TRUE(config.ok()) << config.status();
  auto corpus = LoadCorpus(*config, std::filesystem::path(M2TTS_BINARY_DIR) / "lexicon/en_US.lex", nullptr);
  ASSERT_TRUE(corpus.ok()) << corpus.status();
  AlignEvenly(&*corpus);
  torch::manual_seed(4);
  AcousticStage stage(*config, &*corpus);
  const auto before = stage.Validate();
  ASSERT_TRUE(before.ok()) << before.status();
  for (int64_t step = 0; step < config->acoustic.steps; ++step) {
    ASSERT_TRUE(stage.Step(step, 5e-3, 1).ok());
  }
  const auto after = stage.Validate();
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(after->front().first, "mel");  // by it the best checkpoint is chosen
  EXPECT_LT(MetricOf(*after, "spoken_mcd_db"), 0.85 * MetricOf(*before, "spoken_mcd_db"));
}

}  // namespace
}  // namespace m2tts
