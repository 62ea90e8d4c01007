#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "core/device/device.h"
#include "core/device/guard.h"

namespace m2tts {
namespace {

constexpr int kTimedRuns = 3;

// Runs once to warm up, then a few times for the best time. `output` is the last result.
Status RunTrial(const torch::Device& device, const GoldenRun& golden, DeviceTrial* trial,
                torch::Tensor* output) {
  const std::string what = fmt::format("golden sentence on {}", device.str());
  trial->device = device.str();
  trial->seconds = std::numeric_limits<double>::infinity();
  for (int run = 0; run <= kTimedRuns; ++run) {
    const auto start = std::chrono::steady_clock::now();
    M2TTS_ASSIGN_OR_RETURN(*output, Guard(what, [&] { return golden(device); }));
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    if (run > 0) trial->seconds = std::min(trial->seconds, elapsed.count());
  }
  return OkStatus();
}

// Sets agrees, max_difference and error. Inputs: CPU tensors of any equal shape.
Status Compare(const torch::Tensor& output, const torch::Tensor& reference, double tolerance,
               DeviceTrial* trial) {
  if (!output.defined() || output.sizes() != reference.sizes()) {
    return Internal("the output has another shape than the CPU's");
  }
  const torch::Tensor difference = (output.to(torch::kFloat) - reference.to(torch::kFloat)).abs();
  trial->max_difference = difference.numel() == 0 ? 0.0 : difference.max().item<double>();
  trial->agrees = trial->max_difference <= tolerance;  // false for NaN
  if (!trial->agrees) {
    return Internal("differs from the CPU by {:.3g}, more than {:.3g}", trial->max_difference, tolerance);
  }
  return OkStatus();
}

DeviceTrial TryDevice(const torch::Device& device, const GoldenRun& golden, const torch::Tensor& reference,
                      double tolerance) {
  DeviceTrial trial;
  torch::Tensor output;
  Status status = RunTrial(device, golden, &trial, &output);
  if (status.ok()) {
    status = Guard("comparison", [&] { return Compare(output, reference, tolerance, &trial); });
  }
  trial.error = std::string(status.message());
  return trial;
}

// "mps 4.1 ms; cuda failed: ...; cpu 12.0 ms"
std::string Summarize(const std::vector<DeviceTrial>& trials) {
  std::vector<std::string> parts;
  for (const DeviceTrial& trial : trials) {
    parts.push_back(trial.agrees ? fmt::format("{} {:.1f} ms", trial.device, 1e3 * trial.seconds)
                                 : fmt::format("{} failed: {}", trial.device, trial.error));
  }
  return fmt::format("{}", fmt::join(parts, "; "));
}

}  // namespace

StatusOr<DeviceChoice> ChooseDeviceAmong(const std::vector<torch::Device>& candidates,
                                         const GoldenRun& golden, double tolerance) {
  DeviceChoice choice;
  DeviceTrial cpu;
  torch::Tensor reference;
  M2TTS_RETURN_IF_ERROR(RunTrial(torch::kCPU, golden, &cpu, &reference));
  M2TTS_RETURN_IF_ERROR(Annotate(Guard("comparison",
                                       [&] {
                                         if (!reference.defined()) return Internal("no output");
                                         return Compare(reference, reference, tolerance, &cpu);
                                       }),
                                 "golden sentence on cpu"));

  const DeviceTrial* best = nullptr;
  choice.trials.reserve(candidates.size());  // keeps `best` valid
  for (const torch::Device& device : candidates) {
    choice.trials.push_back(device.is_cpu() ? cpu : TryDevice(device, golden, reference, tolerance));
    const DeviceTrial& trial = choice.trials.back();
    if (trial.agrees && (best == nullptr || trial.seconds < best->seconds)) best = &trial;
  }
  if (best == nullptr) {
    return Errorf(StatusCode::kFailedPrecondition, "device: no candidate passed its check: {}",
                  Summarize(choice.trials));
  }
  choice.device = best->device;
  choice.reason = fmt::format("fastest that agrees with the CPU ({})", Summarize(choice.trials));
  return choice;
}

StatusOr<DeviceChoice> ChooseDevice(const std::string& requested, const GoldenRun& golden, double tolerance) {
  if (requested == "auto") {
    const std::vector<torch::Device> candidates = AvailableDevices();
    M2TTS_ASSIGN_OR_RETURN(DeviceChoice choice, ChooseDeviceAmong(candidates, golden, tolerance));
    if (candidates.size() == 1) {
      choice.reason = fmt::format("only device available ({})", Summarize(choice.trials));
    }
    return choice;
  }
  M2TTS_ASSIGN_OR_RETURN(const torch::Device device, ParseDevice(requested));
  M2TTS_ASSIGN_OR_RETURN(DeviceChoice choice, ChooseDeviceAmong({device}, golden, tolerance));
  choice.reason = fmt::format("requested ({})", Summarize(choice.trials));
  return choice;
}

}  // namespace m2tts
