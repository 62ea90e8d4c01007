#include "client/commands/status_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "client/json.h"
#include "client/terminal.h"
#include "client/training/job_text.h"
#include "client/training/progress_line.h"

namespace m2tts {
namespace {

constexpr std::string_view kIndent = "           ";

std::string GovernorLine(const v1::GovernorStatus& governor) {
  std::string line = "governor   heat " + governor.thermal_level();
  if (governor.has_celsius()) line += fmt::format(" ({:.0f} C)", governor.celsius());
  line += ", memory " + governor.memory_level();
  if (governor.has_available_bytes() && governor.has_limit_bytes()) {
    line += fmt::format(" ({:.1f} of {:.1f} GB free)", 1e-9 * static_cast<double>(governor.available_bytes()),
                        1e-9 * static_cast<double>(governor.limit_bytes()));
  }
  if (governor.has_device_memory_percent()) {
    line += fmt::format(", {:.0f} % of the device's memory in use", governor.device_memory_percent());
  }
  const char* separator = "; ";
  for (const auto& action : governor.actions()) {
    line += separator + action;
    separator = ", ";
  }
  return line + "\n";
}

// What a device that has always worked needs no line for.
std::string FailureLine(const v1::DeviceStatus& device) {
  if (device.failures() == 0 && device.recoveries() == 0 && device.failed_recoveries() == 0) return "";
  return fmt::format("           {} failed batches, {} recoveries, {} failed attempts; last: {}\n",
                     device.failures(), device.recoveries(), device.failed_recoveries(),
                     device.last_error().empty() ? "no answer" : device.last_error());
}

std::string JobLines(const v1::JobsStatus& jobs, size_t columns) {
  std::string lines = fmt::format("jobs       {} queued, {} paused\n", jobs.queued(), jobs.paused());
  if (!jobs.has_current()) return lines;
  const v1::Job& job = jobs.current();
  lines +=
      fmt::format("job        {}  {}\n", job.id(), StateLine(job.state(), job.pause_reason(), job.message()));
  if (job.progress().total_steps() == 0) return lines;
  const size_t left = columns - std::min(columns, kIndent.size());
  return lines + std::string(kIndent) + ProgressLine(job.progress(), {}, left) + "\n";
}

}  // namespace

std::string StatusText(const v1::ServerStatus& status, size_t columns) {
  const auto& device = status.device();
  const auto& queue = status.queue();
  std::string text =
      fmt::format("state      {}\n", ServerStateName(status.state())) +
      fmt::format("version    {} (commit {}, LibTorch {})\n", status.version(), status.commit(),
                  status.torch_version()) +
      fmt::format("uptime     {:.0f} s\n", Seconds(status.uptime())) +
      fmt::format("device     {} ({}), {} {}\n", device.device(), device.reason(), device.cpu_threads(),
                  device.cpu_threads() == 1 ? "thread" : "threads") +
      FailureLine(device) +
      fmt::format("memory     {:.0f} MB\n", 1e-6 * static_cast<double>(status.resident_bytes())) +
      fmt::format("queue      {} of {} requests, {:.1f} of {:.0f} s of audio, {} {}\n", queue.requests(),
                  queue.max_requests(), queue.audio_seconds(), queue.max_audio_seconds(), queue.streams(),
                  queue.streams() == 1 ? "stream" : "streams") +
      fmt::format("done       {} requests, {:.1f} s of audio, real-time factor {:.4f}\n",
                  status.requests_total(), status.audio_seconds_total(), queue.real_time_factor()) +
      "voices    ";
  for (const auto& voice : status.voices())
    text += " " + voice + (voice == status.default_voice() ? "*" : "");
  text += "\n";
  if (status.has_governor()) text += GovernorLine(status.governor());
  if (status.has_jobs()) text += JobLines(status.jobs(), columns);
  return HarmlessLines(std::move(text));
}

}  // namespace m2tts
