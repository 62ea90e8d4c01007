// Stage 3: mel to waveform, on random segments: L1 of log-mel, multi-resolution STFT and distance of cepstra,
// then, from a configured step on, adversarial and feature-matching losses as well.
#pragma once

#include "core/audio/mel.h"
#include "core/device/autocast.h"
#include "core/model/vocoder.h"
#include "trainer/data/corpus.h"
#include "trainer/data/predicted_mels.h"
#include "trainer/data/read_ahead.h"
#include "trainer/loop/optimizer.h"
#include "trainer/loop/stage.h"
#include "trainer/loss/discriminator.h"

namespace m2tts {

class VocoderStage : public Stage {
 public:
  // `corpus` must outlive it. `predicted`: mels for vocoder.predicted_share of the segments; may be empty.
  // FAILED_PRECONDITION for a vocoder without weights. `group`: as in AcousticStage.
  static StatusOr<std::unique_ptr<VocoderStage>> Create(const TrainConfig& config, const Corpus* corpus,
                                                        PredictedMels predicted,
                                                        ProcessGroup* group = nullptr,
                                                        const torch::Device& device = torch::kCPU);

  std::string name() const override { return "vocoder"; }
  const StageConfig& config() const override { return config_.vocoder; }
  // All losses are means over segments: parts add up to the whole.
  StatusOr<Metrics> Step(int64_t step, double learning_rate, int parts) override;
  bool Untouched(int64_t step) const override { return discriminator_step_ != step; }
  StatusOr<Metrics> Validate() override;
  // The recordings, and what is made of their mels (or of the predicted mels, where there are such).
  StatusOr<Samples> MakeSamples() override;
  StatusOr<TensorMap> State() const override;
  Status LoadState(const TensorMap& state) override;
  std::vector<std::string> StartFrom(const TensorMap& weights) override {
    return optimizer_.StartFrom(WithPrefix(weights, "vocoder."));
  }
  TensorMap ExportWeights() const override { return optimizer_.AveragedWeights("vocoder."); }
  int64_t frames_seen() const override { return frames_seen_; }

 private:
  VocoderStage(const TrainConfig& config, const Corpus* corpus, std::shared_ptr<Vocoder> vocoder,
               PredictedMels predicted, ProcessGroup* group, const torch::Device& device);

  struct Segments {
    torch::Tensor mel;   // float32 [B, F, n_mels], natural log
    torch::Tensor wave;  // [B, F * hop]
  };
  // Those of a step that are this process's, on the CPU; wave is int16. Any thread.
  StatusOr<Segments> Draw(int64_t step) const;
  // Those of them with these numbers, a stretch, on the device, with a float32 wave.
  Segments Part(const Segments& all, const std::vector<int>& numbers) const;
  int64_t OwnSegments() const { return config_.vocoder.segments_per_batch * config_.vocoder.accumulate; }

  // float32 [F, n_mels]: that of the recording, or what was predicted for it, if anything was.
  StatusOr<torch::Tensor> MelOf(int item, const ClipFeatures& features, bool predicted) const;

  // In the precision of the config; the results are float32, but for features of judgements.
  torch::Tensor Vocode(const torch::Tensor& mel);
  std::vector<Judgement> Judge(const torch::Tensor& wave);

  struct Losses {
    torch::Tensor mel, stft, cepstral;
  };
  Losses Reconstruction(const torch::Tensor& predicted, const torch::Tensor& wave) const;

  // Whether discriminators train, and whether the vocoder listens to them, at a step.
  bool Adversarial(int64_t step) const;
  bool Listening(int64_t step) const;
  // Losses of one piece that is `share` of a step: adds the gradient, and the values to `sums`.
  void Backward(int64_t step, const Segments& segments, const torch::Tensor& predicted, double share,
                Metrics* sums);

  const TrainConfig& config_;
  const Corpus* const corpus_;
  const PredictedMels predicted_;
  const torch::Device device_;
  const MelSpectrogram mel_;
  std::shared_ptr<Vocoder> vocoder_;
  Optimizer optimizer_;
  Discriminator discriminator_;
  Optimizer discriminator_optimizer_;
  const Precision precision_;
  ProcessGroup* const group_;
  int64_t discriminator_step_ = -1;  // the newest that the discriminators have learned from
  int64_t frames_seen_ = 0;
  ReadAhead<Segments> segments_;  // last: its threads use the others
};

}  // namespace m2tts
