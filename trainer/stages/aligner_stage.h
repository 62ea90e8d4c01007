// Stage 1: learn durations. Trains the aligner, then aligns the whole corpus.
#pragma once

#include "trainer/alignment/aligner.h"
#include "trainer/data/corpus.h"
#include "trainer/data/sampler.h"
#include "trainer/loop/optimizer.h"
#include "trainer/loop/stage.h"

namespace m2tts {

// By what the log-likelihoods are multiplied when `progress`, 0 to 1, of the steps are done: from 1 upwards,
// never down again.
double AlignmentSharpness(double progress);

class AlignerStage : public Stage {
 public:
  // `corpus` must outlive it, and `group`, if any, as in AcousticStage. Computes on the CPU in place of MPS,
  // which has no CTC loss.
  AlignerStage(const TrainConfig& config, const Corpus* corpus, ProcessGroup* group = nullptr,
               const torch::Device& device = torch::kCPU);

  std::string name() const override { return "aligner"; }
  const StageConfig& config() const override { return config_.aligner; }
  StatusOr<Metrics> Step(int64_t step, double learning_rate, int parts) override;
  StatusOr<Metrics> Validate() override;
  // Alignments.
  StatusOr<Samples> MakeSamples() override;
  StatusOr<TensorMap> State() const override { return optimizer_.State("aligner."); }
  Status LoadState(const TensorMap& state) override { return optimizer_.LoadState(state, "aligner."); }
  std::vector<std::string> StartFrom(const TensorMap& weights) override {
    return optimizer_.StartFrom(WithPrefix(weights, "aligner."));
  }
  TensorMap ExportWeights() const override { return optimizer_.AveragedWeights("aligner."); }
  int64_t frames_seen() const override { return frames_seen_; }

  // Frames per phoneme of every utterance, by monotonic search. An error of `progress` ends it.
  StatusOr<std::vector<std::vector<int64_t>>> AlignAll(const LoadProgress& progress);

 private:
  // Log-likelihoods times `sharpness`, plus the prior: [B, F, T].
  StatusOr<torch::Tensor> Scores(const std::vector<int>& items, double sharpness, torch::Tensor* text_lengths,
                                 torch::Tensor* mel_lengths);
  // Of one clip: float32 [F, T], on the CPU.
  StatusOr<torch::Tensor> ScoresOf(int item);

  const TrainConfig& config_;
  const Corpus* const corpus_;
  const torch::Device device_;
  Aligner aligner_;
  Optimizer optimizer_;
  BucketSampler sampler_;
  ProcessGroup* const group_;
  int64_t frames_seen_ = 0;
};

// Keeps alignments in RUN/durations.safetensors; loading checks ids and phoneme counts.
Status SaveDurations(const std::filesystem::path& path, const Corpus& corpus);
Status LoadDurations(const std::filesystem::path& path, Corpus* corpus);

}  // namespace m2tts
