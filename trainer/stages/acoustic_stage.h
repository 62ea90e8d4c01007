// Stage 2: phonemes to mel. L1 on the standardized mel, squared error on log-durations
// and pitch (FastSpeech 2, Ren et al. 2021; FastPitch, Lancucki 2021).
#pragma once

#include "core/model/m2tts_model.h"
#include "trainer/data/batch.h"
#include "trainer/data/sampler.h"
#include "trainer/loop/optimizer.h"
#include "trainer/loop/stage.h"

namespace m2tts {

class AcousticStage : public Stage {
 public:
  // `corpus` must be aligned, and outlive it.
  AcousticStage(const TrainConfig& config, const Corpus* corpus);

  std::string name() const override { return "acoustic"; }
  const StageConfig& config() const override { return config_.acoustic; }
  StatusOr<Metrics> Step(int64_t step, double learning_rate, int parts) override;
  StatusOr<Metrics> Validate() override;
  // True and predicted mels with the true durations and pitch; what the predicted ones sound like, by
  // Griffin-Lim; the recordings.
  StatusOr<Samples> MakeSamples() override;
  StatusOr<TensorMap> State() const override { return optimizer_.State("acoustic."); }
  Status LoadState(const TensorMap& state) override { return optimizer_.LoadState(state, "acoustic."); }
  std::vector<std::string> StartFrom(const TensorMap& weights) override {
    return optimizer_.StartFrom(WithPrefix(weights, "acoustic."));
  }
  TensorMap ExportWeights() const override { return optimizer_.AveragedWeights("acoustic."); }
  int64_t frames_seen() const override { return frames_seen_; }
  AcousticModel model() const { return model_; }

 private:
  struct Losses {
    torch::Tensor mel, cepstral, duration, pitch;
  };
  Losses Compute(const AcousticBatch& batch);

  const TrainConfig& config_;
  const Corpus* const corpus_;
  AcousticModel model_;
  Optimizer optimizer_;
  BucketSampler sampler_;
  int64_t frames_seen_ = 0;
};

}  // namespace m2tts
