// Stage 2: phonemes to mel. L1 on the standardized mel, squared error on log-durations, pitch
// and energy (FastSpeech 2, Ren et al. 2021; FastPitch, Lancucki 2021).
#pragma once

#include "core/device/autocast.h"
#include "core/model/m2tts_model.h"
#include "trainer/data/batch.h"
#include "trainer/data/read_ahead.h"
#include "trainer/loop/micro_batches.h"
#include "trainer/loop/optimizer.h"
#include "trainer/loop/stage.h"
#include "trainer/stages/acoustic_adversary.h"

namespace m2tts {

class AcousticStage : public Stage {
 public:
  // `corpus` must be aligned, and outlive it, as must `group`, if any: each of its processes takes
  // `accumulate` batches of a step.
  AcousticStage(const TrainConfig& config, const Corpus* corpus, ProcessGroup* group = nullptr,
                const torch::Device& device = torch::kCPU);

  std::string name() const override { return name_; }
  // Of a phase of progressive training.
  void set_name(std::string name) { name_ = std::move(name); }
  const StageConfig& config() const override { return config_.acoustic; }
  StatusOr<Metrics> Step(int64_t step, double learning_rate, int parts) override;
  StatusOr<Metrics> Validate() override;
  // True and predicted mels with the true durations, pitch and energy; what the predicted ones sound like, by
  // Griffin-Lim; the recordings.
  StatusOr<Samples> MakeSamples() override;
  StatusOr<TensorMap> State() const override;
  Status LoadState(const TensorMap& state) override;
  std::vector<std::string> StartFrom(const TensorMap& weights) override {
    return optimizer_.StartFrom(WithPrefix(weights, "acoustic."));
  }
  TensorMap ExportWeights() const override { return optimizer_.AveragedWeights("acoustic."); }
  int64_t frames_seen() const override { return frames_seen_; }
  AcousticModel model() const { return model_; }

 private:
  struct Losses {
    torch::Tensor mel, cepstral, duration, pitch, energy;  // the last two zero where the model has none
    torch::Tensor predicted, target;                       // [B, F, n_mels] standardized
  };
  Losses Compute(const AcousticBatch& batch);
  // One sentence as the model speaks it by itself, with its own durations, pitch and energy:
  // [F, n_mels], natural log.
  torch::Tensor Speak(const PhonemeBatch& phonemes);

  // What a step computes, on the CPU.
  struct StepBatches {
    StepShare share;
    std::vector<AcousticBatch> batches;  // of each of its pieces
  };
  // Any thread.
  StatusOr<StepBatches> Read(int64_t step, int parts);
  // On the device.
  StatusOr<AcousticBatch> Batch(const std::vector<int>& items) const;

  const TrainConfig& config_;
  const Corpus* const corpus_;
  const torch::Device device_;
  AcousticModel model_;
  Optimizer optimizer_;
  Mutex sampler_mutex_;
  BucketSampler sampler_ ABSL_GUARDED_BY(sampler_mutex_);
  const Precision precision_;
  ProcessGroup* const group_;
  std::unique_ptr<AcousticAdversary> adversary_;  // null without adversarial training
  std::string name_ = "acoustic";
  int64_t frames_seen_ = 0;
  ReadAhead<StepBatches> batches_;  // last: its threads use the others
};

}  // namespace m2tts
