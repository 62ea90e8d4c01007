#include "server/voices/device_report.h"

#include "core/device/device.h"
#include "core/synthesizer.h"

namespace m2tts {

DeviceReport ReportDevice(const Synthesizer& synthesizer, int cpu_threads) {
  const DeviceChoice& choice = synthesizer.device();
  DeviceReport report;
  report.device = choice.device;
  report.reason = choice.reason;
  report.cpu_threads = cpu_threads;
  report.torch_version = TorchVersion();
  for (const DeviceTrial& trial : choice.trials) {
    report.trials.push_back({trial.device, trial.agrees, trial.seconds, trial.max_difference, trial.error});
  }
  return report;
}

DeviceBytes QueryDeviceBytes(const std::string& device) {
  const StatusOr<torch::Device> parsed = ParseDevice(device);
  if (!parsed.ok()) return {};
  const DeviceMemory memory = QueryDeviceMemory(*parsed);
  return {memory.allocated_bytes, memory.limit_bytes};
}

}  // namespace m2tts
