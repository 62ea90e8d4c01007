#include "client/training/progress_line.h"

#include <utf8proc.h>

#include <algorithm>
#include <cmath>

#include "client/terminal.h"
#include "client/training/job_text.h"

namespace m2tts {
namespace {

constexpr int kBarWidth = 20;
constexpr size_t kSparkWidth = 16;

// The columns that `text`, which is UTF-8, takes at most.
size_t Columns(const std::string& text) {
  const auto* const bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  size_t columns = 0;
  for (size_t i = 0; i < text.size();) {
    utf8proc_int32_t code = 0;
    const auto left = static_cast<utf8proc_ssize_t>(text.size() - i);
    i += static_cast<size_t>(std::max<utf8proc_ssize_t>(1, utf8proc_iterate(bytes + i, left, &code)));
    columns += static_cast<size_t>(std::max(1, utf8proc_charwidth(code)));
  }
  return columns;
}

bool Known(double value) {
  return std::isfinite(value) && value != 0.0;
}

struct Part {
  int rank;  // 0 first of all
  std::string text;
};

}  // namespace

std::string ProgressLine(const v1::JobProgress& progress, const std::vector<double>& losses, size_t columns) {
  const bool counts = progress.total_steps() > 0;
  const double share =
      counts ? static_cast<double>(progress.step()) / static_cast<double>(progress.total_steps()) : 0.0;
  const double eta = Seconds(progress.eta());
  // In the order in which they stand; empty what is unknown.
  std::vector<Part> parts = {
      {1, Harmless(progress.stage()) + " "},
      {4, counts ? ProgressBar(share, kBarWidth) + " " : ""},
      {0, counts ? fmt::format("{}/{}", progress.step(), progress.total_steps()) : ""},
      {2, Known(progress.loss()) ? fmt::format("  loss {:.4f}", progress.loss()) : ""},
      {6, losses.empty() ? "" : " " + Sparkline(losses, kSparkWidth)},
      {5, Known(progress.frames_per_second()) ? fmt::format("  {:.0f} frames/s", progress.frames_per_second())
                                              : ""},
      {3, Known(eta) ? "  ETA " + DurationText(eta) : ""},
      {8, Known(progress.device_share()) ? fmt::format("  device {:.0f} %", 100.0 * progress.device_share())
                                         : ""},
      {9, progress.resident_bytes() > 0
              ? fmt::format("  {:.0f} MB", 1e-6 * static_cast<double>(progress.resident_bytes()))
              : ""},
      {7, progress.has_celsius() && std::isfinite(progress.celsius())
              ? fmt::format("  {:.0f} C", progress.celsius())
              : ""}};
  std::vector<const Part*> order;
  for (const Part& part : parts) order.push_back(&part);
  std::sort(order.begin(), order.end(), [](const Part* a, const Part* b) { return a->rank < b->rank; });
  size_t used = 0;
  int last = -1;  // the least important that fits, with all before it
  for (const Part* part : order) {
    used += Columns(part->text);
    if (used > columns) break;
    last = part->rank;
  }
  std::string line;
  for (const Part& part : parts) {
    if (part.rank <= last) line += part.text;
  }
  if (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

}  // namespace m2tts
