#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "trainer/labels/label_file.h"

namespace m2tts {
namespace {

constexpr double kHtkUnit = 1e-7;  // seconds
constexpr double kMaxSeconds = 86400.0;
constexpr double kOverlap = 1e-3;  // seconds that rounding may make

struct Line {
  std::string_view text;
  int number = 0;
};

std::vector<Line> SplitLines(std::string_view text) {
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  std::vector<Line> lines;
  int number = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    lines.push_back({line, ++number});
  }
  return lines;
}

// Up to `count` blank-separated fields; the last one is the rest of the line.
std::vector<std::string_view> Fields(std::string_view line, size_t count) {
  std::vector<std::string_view> fields;
  const auto skip = [&] { line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size())); };
  for (skip(); !line.empty() && fields.size() + 1 < count; skip()) {
    const size_t end = std::min(line.find_first_of(" \t"), line.size());
    fields.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  if (!line.empty()) fields.push_back(line.substr(0, line.find_last_not_of(" \t") + 1));
  return fields;
}

bool ParseNumber(std::string_view text, double* value) {
  const auto result = std::from_chars(text.data(), text.data() + text.size(), *value);
  return result.ec == std::errc() && result.ptr == text.data() + text.size() && std::isfinite(*value);
}

// The phone of a full-context label, the first word of any other: scores may stand behind it.
std::string PhoneOf(std::string_view label) {
  label = label.substr(0, label.find_first_of(" \t"));
  const size_t minus = label.find('-'), plus = label.find('+');
  if (minus != std::string_view::npos && plus != std::string_view::npos && minus + 1 < plus) {
    label = label.substr(minus + 1, plus - minus - 1);
  }
  return std::string(label);
}

// Appends a label after checking its times.
Status Append(Label label, const std::string& where, std::vector<Label>* labels) {
  if (label.begin < 0 || label.end > kMaxSeconds) {
    return InvalidArgument("{}: times from {} to {} s; they lie between 0 and a day", where, label.begin,
                           label.end);
  }
  if (label.end < label.begin) {
    return InvalidArgument("{}: ends at {} s, before it begins at {} s", where, label.end, label.begin);
  }
  if (!labels->empty() && label.begin < labels->back().end - kOverlap) {
    return InvalidArgument("{}: begins at {} s, before the end of the label before at {} s", where,
                           label.begin, labels->back().end);
  }
  labels->push_back(std::move(label));
  return OkStatus();
}

}  // namespace

StatusOr<std::vector<Label>> ParseLab(std::string_view text, const std::string& source) {
  std::vector<Line> lines = SplitLines(text);
  const auto mark = std::find_if(lines.begin(), lines.end(), [](const Line& line) {
    const auto fields = Fields(line.text, 2);
    return fields.size() == 1 && fields[0] == "#";
  });
  const bool xwaves = mark != lines.end();
  if (xwaves) lines.erase(lines.begin(), mark + 1);
  std::vector<Label> labels;
  for (const Line& line : lines) {
    const std::string where = fmt::format("{}:{}", source, line.number);
    const auto fields = Fields(line.text, 3);
    if (fields.empty()) continue;
    Label label;
    if (xwaves) {
      double color = 0.0;
      if (fields.size() < 2 || !ParseNumber(fields[0], &label.end) || !ParseNumber(fields[1], &color)) {
        return InvalidArgument("{}: '{}' is not 'end color label'", where, line.text);
      }
      label.begin = labels.empty() ? 0.0 : labels.back().end;
    } else {
      if (fields.size() < 2 || !ParseNumber(fields[0], &label.begin) || !ParseNumber(fields[1], &label.end)) {
        return InvalidArgument("{}: '{}' is not 'begin end label'", where, line.text);
      }
      const bool seconds = (std::string(fields[0]) + std::string(fields[1])).find('.') != std::string::npos;
      if (!seconds) {
        label.begin *= kHtkUnit;
        label.end *= kHtkUnit;
      }
    }
    if (fields.size() == 3) label.name = PhoneOf(fields[2]);
    M2TTS_RETURN_IF_ERROR(Append(std::move(label), where, &labels));
  }
  if (labels.empty()) return InvalidArgument("{}: no labels in it", source);
  return labels;
}

}  // namespace m2tts
