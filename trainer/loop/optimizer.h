// AdamW with gradient clipping and averaged weights over the parameters of one module.
#pragma once

#include <torch/torch.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "core/voice/safetensors.h"
#include "trainer/config/train_config.h"
#include "trainer/loop/precision.h"
#include "trainer/loop/process_group.h"

namespace m2tts {

// One thread at a time. The module must outlive it, and be on its device already: moments and averages are
// made there.
class Optimizer {
 public:
  Optimizer(std::shared_ptr<torch::nn::Module> module, const StageConfig& config);

  // Starts a step.
  void ZeroGrad();

  // Adds the gradients of `loss` to those of the step. A step may have several: with each loss
  // weighted by its share they are the gradients of the one large batch. With `precision: fp16` they are
  // those of a multiple of the loss (precision.h) until Update.
  void Backward(const torch::Tensor& loss);

  // In a run of several processes, before Update: adds up the gradients and `sums` over them. A loss that
  // was not finite in one of them counts for all. Null: nothing to do.
  Status SumOverProcesses(ProcessGroup* group, std::vector<double>* sums);

  // Ends a step: clip, update and average. Returns the gradient norm before clipping. When a loss
  // or the norm was not finite nothing is updated and the norm is NaN; in fp16 the multiple is halved then.
  double Update(double learning_rate);

  // While it lives, the module holds the averaged weights.
  class Averaged {
   public:
    explicit Averaged(Optimizer* optimizer) : optimizer_(optimizer) { optimizer_->SwapAverage(); }
    ~Averaged() { optimizer_->SwapAverage(); }
    Averaged(const Averaged&) = delete;
    Averaged& operator=(const Averaged&) = delete;

   private:
    Optimizer* const optimizer_;
  };

  // Weights, buffers, averages and Adam's moments on the CPU, each name behind `prefix`.
  StatusOr<TensorMap> State(const std::string& prefix) const;
  Status LoadState(const TensorMap& state, const std::string& prefix);

  // Takes over those of `weights` (named without prefix) that fit, as current values and averages;
  // buffers stay. Returns a line for each parameter that stays as it was, and for each surplus one.
  std::vector<std::string> StartFrom(const TensorMap& weights);

  // Averaged parameters (current ones without averaging) and buffers, copied.
  TensorMap AveragedWeights(const std::string& prefix) const;

 private:
  void SwapAverage();
  void UpdateAverage();
  torch::Device Device() const;

  const std::shared_ptr<torch::nn::Module> module_;
  const StageConfig config_;
  std::unique_ptr<torch::optim::AdamW> adam_;
  std::map<std::string, torch::Tensor> average_;  // by parameter name; empty without averaging
  bool finite_ = true;                            // all losses since ZeroGrad
  int64_t updates_ = 0;
  std::optional<LossScaler> scaler_;  // in fp16
};

// The members of `tensors` whose names start with `prefix`, without it.
TensorMap WithPrefix(const TensorMap& tensors, const std::string& prefix);

}  // namespace m2tts
