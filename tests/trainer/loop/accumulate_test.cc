// A step in pieces is the step of the one large batch.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "core/base/file.h"
#include "tests/core/model/replaced_allocator.h"
#include "trainer/data/corpus.h"
#include "trainer/loop/micro_batches.h"
#include "trainer/loop/run_log.h"
#include "trainer/loop/train_loop.h"
#include "trainer/pipeline.h"
#include "trainer/stages/acoustic_stage.h"
#include "trainer/stages/aligner_stage.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

TEST(SplitBatchTest, PiecesAreWholeAndNearlyEqual) {
  EXPECT_EQ(SplitBatch({1, 2, 3, 4, 5}, 2), (std::vector<std::vector<int>>{{1, 2}, {3, 4, 5}}));
  EXPECT_EQ(SplitBatch({1, 2}, 8), (std::vector<std::vector<int>>{{1}, {2}}));
  EXPECT_EQ(SplitBatch({1, 2}, 0), (std::vector<std::vector<int>>{{1, 2}}));
}

TEST(MicroBatchesTest, EachBatchOfAnEpochIsSeenOnce) {
  std::vector<int64_t> lengths;
  std::vector<int> training, seen;
  for (int i = 0; i < 24; ++i) {
    lengths.push_back(100 + i);
    training.push_back(1000 + i);
  }
  BucketSampler sampler(lengths, 500, 1);
  ASSERT_EQ(sampler.batches_per_epoch() % 2, 0);
  for (int64_t step = 0; step < sampler.batches_per_epoch() / 2; ++step) {
    for (const auto& piece : MicroBatches(&sampler, training, step, 2, 3)) {
      EXPECT_FALSE(piece.empty());
      seen.insert(seen.end(), piece.begin(), piece.end());
    }
  }
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(seen, training);
}

class AccumulateTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new fs::path(fs::path(testing::TempDir()) / fmt::format("m2tts-accumulate-{}", getpid()));
    ASSERT_TRUE(WriteDummyCorpus(*folder_ / "corpus", 14, 22050).ok());
    PipelineOptions options;
    options.run = *folder_ / "run";
    options.lexicon = kLexicon;
    options.stages = {"aligner"};
    TrainConfig config = Config(1, 1500);
    ASSERT_TRUE(RunPipeline(config, options).ok());
    auto corpus = LoadCorpus(config, kLexicon, nullptr);
    ASSERT_TRUE(corpus.ok()) << corpus.status();
    corpus_ = new Corpus(*std::move(corpus));
    ASSERT_TRUE(LoadDurations(*folder_ / "run/durations.safetensors", corpus_).ok());
  }
  static void TearDownTestSuite() {
    fs::remove_all(*folder_);
    delete corpus_;
    delete folder_;
  }
  static TrainConfig Config(int accumulate, int frames, const std::string& more = "") {
    const auto config = ParseTrainConfig(fmt::format(R"(
threads: 1
data: {{root: {0}/corpus, cache: {0}/cache, validation: 2}}
model: {{hidden: 16, heads: 2, encoder_layers: 1, decoder_layers: 1, ffn_multiplier: 1, predictor_hidden: 16,
  predictor_layers: 1, dropout: 0, energy: true, vocoder: {{type: griffin_lim}}}}
aligner: {{steps: 3, accumulate: {1}, frames_per_batch: {2}}}
acoustic: {{steps: 3, accumulate: {1}, frames_per_batch: {2}, validate_every: 100}}
{3}
)",
                                                     folder_->string(), accumulate, frames, more),
                                         "test");
    EXPECT_TRUE(config.ok()) << config.status();
    return *config;
  }
  // One whole epoch in a step: of one large batch, or of as many as `frames` makes.
  static constexpr int kAll = 1000000;
  static int Batches(int frames) {
    return static_cast<int>(BucketSampler(TrainingFrames(*corpus_), frames, 1).batches_per_epoch());
  }

  struct Outcome {
    Metrics metrics;
    std::vector<torch::Tensor> gradients;  // as clipped
  };
  static Outcome OneStep(int accumulate, int frames, int parts, const std::string& more = "") {
    const TrainConfig config = Config(accumulate, frames, more);
    torch::manual_seed(5);
    AcousticStage stage(config, corpus_);
    const auto metrics = stage.Step(0, 0.0, parts);
    EXPECT_TRUE(metrics.ok()) << metrics.status();
    Outcome outcome = {*metrics, {}};
    for (const auto& parameter : stage.model()->parameters()) outcome.gradients.push_back(parameter.grad());
    return outcome;
  }
  static void ExpectEqual(const Outcome& a, const Outcome& b) {
    ASSERT_EQ(a.metrics.size(), b.metrics.size());
    for (size_t i = 0; i < a.metrics.size(); ++i) {
      EXPECT_NEAR(a.metrics[i].second, b.metrics[i].second, 1e-5 * std::abs(b.metrics[i].second))
          << a.metrics[i].first;
    }
    for (size_t i = 0; i < a.gradients.size(); ++i) {
      EXPECT_LT((a.gradients[i] - b.gradients[i]).abs().max().item<double>(), 1e-5) << i;
    }
  }

  static inline const fs::path kLexicon = fs::path(M2TTS_BINARY_DIR) / "lexicon/en_US.lex";
  static fs::path* folder_;
  static Corpus* corpus_;
};
fs::path* AccumulateTest::folder_ = nullptr;
Corpus* AccumulateTest::corpus_ = nullptr;

TEST_F(AccumulateTest, AccumulatedBatchesEqualTheLargeBatch) {
  const int batches = Batches(300);
  ASSERT_GT(batches, 2);
  ExpectEqual(OneStep(batches, 300, 1), OneStep(1, kAll, 1));
}

TEST_F(AccumulateTest, PiecesEqualTheWhole) {
  for (const int parts : {2, 5, 64}) ExpectEqual(OneStep(1, kAll, parts), OneStep(1, kAll, 1));
}

TEST_F(AccumulateTest, WithADiscriminatorToo) {
  const std::string more =
      "acoustic_loss: {adversarial_from: 0, discriminator_warmup: 0, adversarial_weight: 1}";
  const Outcome whole = OneStep(1, kAll, 1, more);
  ExpectEqual(OneStep(1, kAll, 3, more), whole);
  EXPECT_GT((whole.gradients[0] - OneStep(1, kAll, 1).gradients[0]).abs().max().item<double>(), 0.0);
}

TEST_F(AccumulateTest, RecomputationChangesNothing) {
  Outcome kept = OneStep(1, kAll, 1);
  TrainConfig config = Config(1, kAll);
  config.acoustic.recompute = true;
  torch::manual_seed(5);
  AcousticStage stage(config, corpus_);
  ASSERT_TRUE(stage.Step(0, 0.0, 1).ok());
  const auto parameters = stage.model()->parameters();
  for (size_t i = 0; i < parameters.size(); ++i) {
    EXPECT_LT((parameters[i].grad() - kept.gradients[i]).abs().max().item<double>(), 1e-6) << i;
  }
}

TEST_F(AccumulateTest, AStepIn16BitsIsCloseToOneIn32) {
  TrainConfig config = Config(1, kAll);
  config.acoustic.precision = "bf16";
  torch::manual_seed(5);
  AcousticStage stage(config, corpus_);
  const auto low = stage.Step(0, 0.0, 1);
  ASSERT_TRUE(low.ok()) << low.status();
  const auto exact = OneStep(1, kAll, 1).metrics;
  EXPECT_NEAR(low->front().second, exact.front().second, 0.02 * exact.front().second);
  EXPECT_NE(low->front().second, exact.front().second);
}

TEST_F(AccumulateTest, AlignerLossesToo) {
  const auto loss = [](int accumulate, int frames, int parts) {
    const TrainConfig config = Config(accumulate, frames);
    torch::manual_seed(5);
    AlignerStage stage(config, corpus_);
    const auto metrics = stage.Step(0, 0.0, parts);
    EXPECT_TRUE(metrics.ok()) << metrics.status();
    return *metrics;
  };
  const auto large = loss(1, kAll, 1);
  for (const auto& small : {loss(Batches(300), 300, 1), loss(1, kAll, 3)}) {
    for (size_t i = 0; i < large.size(); ++i) {
      EXPECT_NEAR(small[i].second, large[i].second, 1e-5 * std::abs(large[i].second)) << large[i].first;
    }
  }
}

// The CPU's allocator, except that one allocation over `limit` is out of memory.
class TightAllocator : public ReplacedAllocator {
 public:
  explicit TightAllocator(size_t limit) : limit_(limit) {}
  c10::DeleterFnPtr raw_deleter() const override { return whole()->raw_deleter(); }

 private:
  c10::DataPtr Allocate(size_t bytes) const override {
    TORCH_CHECK_WITH(OutOfMemoryError, bytes <= limit_, "CPU out of memory: tried to allocate ", bytes);
    return whole()->allocate(bytes);
  }

  const size_t limit_;
};

TEST_F(AccumulateTest, OutOfMemoryInTheRealStageHalvesThePieces) {
  const TrainConfig config = Config(1, kAll);
  const auto log = RunLog::Open(*folder_ / "tight");
  ASSERT_TRUE(log.ok());
  const auto run = [&](AcousticStage* stage, const std::string& name) {
    LoopOptions options;
    options.folder = *folder_ / "tight" / name;
    return RunStage(stage, options, log->get());
  };
  torch::manual_seed(5);
  AcousticStage whole(config, corpus_), tight(config, corpus_);
  const auto initial = whole.State();
  ASSERT_TRUE(initial.ok() && tight.LoadState(*initial).ok());
  ASSERT_TRUE(run(&whole, "whole").ok());
  {
    int64_t frames = 0;
    for (const int64_t length : TrainingFrames(*corpus_)) frames += length;
    // The mel alone of the whole batch is too much, that of half of it is not.
    const TightAllocator allocator(static_cast<size_t>(frames) * 64 * sizeof(float) * 19 / 20);
    const Status status = run(&tight, "tight");
    ASSERT_TRUE(status.ok()) << status;
  }
  const auto text = ReadFile(*folder_ / "tight/log.jsonl");
  ASSERT_TRUE(text.ok());
  EXPECT_THAT(*text, testing::HasSubstr("\"event\":\"out_of_memory\""));
  const auto a = whole.Validate(), b = tight.Validate();
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_NEAR(a->front().second, b->front().second, 1e-3 * a->front().second);
}

}  // namespace
}  // namespace m2tts
