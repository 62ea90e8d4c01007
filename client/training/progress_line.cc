#include "client/training/progress_line.h"

#include <algorithm>

#include "client/training/job_text.h"

namespace m2tts {
namespace {

constexpr int kBarWidth = 20;
constexpr size_t kSparkWidth = 16;

// Characters of UTF-8, of which each takes a column here.
size_t Columns(const std::string& text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

struct Part {
  int rank;  // 0 first of all
  std::string text;
};

}  // namespace

std::string ProgressLine(const v1::JobProgress& progress, const std::vector<double>& losses, size_t columns) {
  const bool counted = progress.total_steps() > 0;
  const double share =
      counted ? static_cast<double>(progress.step()) / static_cast<double>(progress.total_steps()) : 0.0;
  const auto known = [](bool is, const std::string& text) { return is ? text : ""; };
  // In the order in which they stand.
  std::vector<Part> parts = {
      {1, Harmless(progress.stage()) + " "},
      {4, known(counted, ProgressBar(share, kBarWidth) + " ")},
      {0, known(counted, fmt::format("{}/{}", progress.step(), progress.total_steps()))},
      {2, known(progress.step() > 0, fmt::format("  loss {:.4f}", progress.loss()))},
      {6, known(!losses.empty(), " " + Sparkline(losses, kSparkWidth))},
      {5, known(progress.frames_per_second() > 0.0,
                fmt::format("  {:.0f} frames/s", progress.frames_per_second()))},
      {3, known(progress.has_eta(), "  ETA " + DurationText(Seconds(progress.eta())))},
      {8, known(progress.device_share() > 0.0,
                fmt::format("  device {:.0f} %", 100.0 * progress.device_share()))},
      {9, known(progress.resident_bytes() > 0,
                fmt::format("  {:.0f} MB", 1e-6 * static_cast<double>(progress.resident_bytes())))},
      {7, known(progress.has_celsius(), fmt::format("  {:.0f} C", progress.celsius()))}};
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
  return line;
}

}  // namespace m2tts
