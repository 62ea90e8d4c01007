// One thing that can be trained: the loop drives it without knowing what it is.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/base/status.h"
#include "core/device/autocast.h"
#include "core/voice/safetensors.h"
#include "trainer/config/train_config.h"
#include "trainer/loop/optimizer.h"
#include "trainer/loop/process_group.h"
#include "trainer/loop/samples.h"
#include "trainer/loop/step_gate.h"

namespace m2tts {

// Named values in the order in which they are shown.
using Metrics = std::vector<std::pair<std::string, double>>;

// Of a config that was read: its word is known to be one.
inline Precision PrecisionOf(const StageConfig& config) {
  return ParsePrecision(config.precision).value_or(Precision::kFp32);
}

// Adds up the gradients of a step and its metrics, each of which is a sum over the step's pieces.
inline Status SumOverProcesses(ProcessGroup* group, Optimizer* optimizer, Metrics* metrics) {
  std::vector<double> values;
  for (const auto& [name, value] : *metrics) values.push_back(value);
  M2TTS_RETURN_IF_ERROR(optimizer->SumOverProcesses(group, &values));
  for (size_t i = 0; i < values.size(); ++i) (*metrics)[i].second = values[i];
  return OkStatus();
}

class Stage {
 public:
  virtual ~Stage() = default;

  virtual std::string name() const = 0;
  virtual const StageConfig& config() const = 0;

  // One optimizer step: everything random in it is a function of the seed and `step`, so that it
  // can be repeated after an error. Each batch is computed in `parts` parts at least, whose
  // gradients add up to that of the whole. "loss" is the first metric; when it is not finite, or
  // "gradient_norm" is not, the weights stay as they are.
  virtual StatusOr<Metrics> Step(int64_t step, double learning_rate, int parts) = 0;

  // Whether nothing was learned yet from step `step`, which failed.
  virtual bool Untouched(int64_t /*step*/) const { return true; }

  // On the held-out part, with averaged weights. The first metric decides which checkpoint
  // is best (lower is better).
  virtual StatusOr<Metrics> Validate() = 0;

  // A few held-out clips to look at and to listen to, with averaged weights. Changes nothing that Step
  // depends on.
  virtual StatusOr<Samples> MakeSamples() { return Samples(); }

  // Everything that Step changes: weights, averages, optimizer state.
  virtual StatusOr<TensorMap> State() const = 0;
  virtual Status LoadState(const TensorMap& state) = 0;

  // Takes over the weights that fit, named as in a voice. Returns a line for each parameter that
  // starts at random all the same.
  virtual std::vector<std::string> StartFrom(const TensorMap& weights) = 0;

  // The averaged weights, named as in a voice.
  virtual TensorMap ExportWeights() const = 0;

  // Work done by the steps so far, for "frames/s".
  virtual int64_t frames_seen() const = 0;

  // Asked before each piece of a step; nullptr: none. Must outlive the stage's work.
  void set_gate(StepGate* gate) { gate_ = gate; }

 protected:
  void BeforePiece() const {
    if (gate_ != nullptr) gate_->BeforePiece();
  }

 private:
  StepGate* gate_ = nullptr;
};

}  // namespace m2tts
