#include "trainer/monitor/chart.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace m2tts {
namespace {

constexpr double kWidth = 480, kHeight = 230;
constexpr double kLeft = 58, kRight = 20, kTop = 30, kBottom = 26;
constexpr size_t kMostPoints = 300;
constexpr double kLogFrom = 8.0;  // span of values

using Points = std::vector<std::pair<int64_t, double>>;

Points Thin(const Points& points, bool log) {
  const size_t bucket = (points.size() + kMostPoints - 1) / kMostPoints;
  if (bucket <= 1) return points;
  Points thinned;
  for (size_t begin = 0; begin < points.size(); begin += bucket) {
    const size_t end = std::min(points.size(), begin + bucket);
    double sum = 0.0;
    for (size_t i = begin; i < end; ++i) sum += log ? std::log(points[i].second) : points[i].second;
    const double mean = sum / static_cast<double>(end - begin);
    thinned.emplace_back(points[end - 1].first, log ? std::exp(mean) : mean);
  }
  return thinned;
}

// 1, 2 or 5 times a power of ten, at least `least`.
double RoundStep(double least) {
  const double power = std::pow(10.0, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= least * (1 - 1e-9)) return factor * power;
  }
  return 10.0 * power;
}

std::vector<double> LinearTicks(double low, double high, int most) {
  const double step = RoundStep((high - low) / most), first = std::ceil(low / step - 1e-9);
  std::vector<double> ticks;
  // Counted, since a large double may not grow by adding one to it; i = 0 makes 0 of -0.
  for (int i = 0; i <= most; ++i) {
    const double tick = (first + i) * step;
    if (!(tick <= high + 1e-12 * std::abs(high) + 1e-300)) break;
    ticks.push_back(tick);
  }
  return ticks;
}

std::vector<double> LogTicks(double low, double high) {
  std::vector<double> ticks;
  const double decades = std::log10(high) - std::log10(low);
  const int stride = std::max(1, static_cast<int>(std::lround(decades / 6)));
  const int first = static_cast<int>(std::floor(std::log10(low))),
            last = static_cast<int>(std::log10(high) + 1);
  for (int power = first; power <= last; power += stride) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      const double tick = factor * std::pow(10.0, power);
      if (tick >= low && tick <= high && (decades <= 3 || factor == 1.0)) ticks.push_back(tick);
    }
  }
  return ticks;
}

std::string Number(double value) {
  const double size = std::abs(value);
  if (size >= 1e6) return fmt::format("{:g}M", value / 1e6);
  if (size >= 1e4) return fmt::format("{:g}k", value / 1e3);
  return fmt::format("{:.4g}", value);
}

class Chart {
 public:
  explicit Chart(const std::vector<ChartLine>& lines) {
    for (const ChartLine& line : lines) {
      for (const auto& [step, value] : line.curve->points) {
        first_ = std::min(first_, static_cast<double>(step));
        last_ = std::max(last_, static_cast<double>(step));
        low_ = std::min(low_, value);
        high_ = std::max(high_, value);
      }
    }
    log_ = low_ > 0 && high_ / low_ > kLogFrom;
    if (last_ <= first_) last_ = first_ + 1;
    if (high_ - low_ < 1e-9 * std::max(std::abs(high_), 1e-9)) {
      const double room = std::max(std::abs(high_) * 0.1, 1e-6);
      high_ += room;
      low_ -= room;
    } else if (!log_) {
      const double room = 0.04 * (high_ - low_);
      if (low_ < 0 || low_ - room > 0) low_ -= room;
      high_ += room;
    }
  }

  bool log() const { return log_; }

  double X(double step) const {
    return kLeft + (step - first_) / (last_ - first_) * (kWidth - kLeft - kRight);
  }
  double Y(double value) const {
    const double share = log_ ? (std::log(value) - std::log(low_)) / (std::log(high_) - std::log(low_))
                              : (value - low_) / (high_ - low_);
    return kHeight - kBottom - share * (kHeight - kTop - kBottom);
  }

  std::string Axes() const {
    std::string svg;
    for (const double tick : log_ ? LogTicks(low_, high_) : LinearTicks(low_, high_, 5)) {
      svg += fmt::format("<line class='grid' x1='{}' x2='{}' y1='{:.1f}' y2='{:.1f}'/>", kLeft,
                         kWidth - kRight, Y(tick), Y(tick));
      svg += fmt::format("<text class='tick' x='{}' y='{:.1f}' text-anchor='end'>{}</text>", kLeft - 6,
                         Y(tick) + 4, Number(tick));
    }
    for (const double tick : LinearTicks(first_, last_, 6)) {
      svg += fmt::format("<text class='tick' x='{:.1f}' y='{}' text-anchor='middle'>{}</text>", X(tick),
                         kHeight - 8, Number(tick));
    }
    return svg;
  }

  std::string Line(const ChartLine& line) const {
    const Points points = Thin(line.curve->points, log_);
    std::string path, dots;
    for (const auto& [step, value] : points) {
      path += fmt::format("{:.1f},{:.1f} ", X(static_cast<double>(step)), Y(value));
      if (!line.dots) continue;
      dots += fmt::format(
          "<circle class='{}' cx='{:.1f}' cy='{:.1f}' r='3'><title>{} {:.5g} at step {}</title></circle>",
          line.css_class, X(static_cast<double>(step)), Y(value), EscapeHtml(line.label), value, step);
    }
    return fmt::format("<polyline class='{}' points='{}'/>{}", line.css_class, path, dots);
  }

 private:
  double first_ = std::numeric_limits<double>::max(), last_ = std::numeric_limits<double>::lowest();
  double low_ = std::numeric_limits<double>::max(), high_ = std::numeric_limits<double>::lowest();
  bool log_ = false;
};

// "training 0.123   validation 0.21, least 0.2 at step 400".
std::string Legend(const std::vector<ChartLine>& lines) {
  std::string text;
  for (const ChartLine& line : lines) {
    const Points& points = line.curve->points;
    text += fmt::format("<tspan class='{}' dx='{}'>{} {:.4g}", line.css_class, text.empty() ? 10 : 8,
                        EscapeHtml(line.label), points.back().second);
    const auto least = std::min_element(points.begin(), points.end(),
                                        [](const auto& a, const auto& b) { return a.second < b.second; });
    if (line.dots && least + 1 != points.end()) {
      text += fmt::format(", least {:.4g} at {}", least->second, Number(static_cast<double>(least->first)));
    }
    text += "</tspan>";
  }
  return text;
}

}  // namespace

std::string EscapeHtml(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string DrawChart(const std::string& title, const std::vector<ChartLine>& lines) {
  std::vector<ChartLine> drawn;
  for (const ChartLine& line : lines) {
    if (!line.curve->points.empty()) drawn.push_back(line);
  }
  if (drawn.empty()) return "";
  const Chart chart(drawn);
  std::string svg = fmt::format(
      "<svg class='chart' viewBox='0 0 {} {}' role='img' aria-label='{}'>"
      "<text class='name' x='{}' y='18'>{}{}{}</text>",
      kWidth, kHeight, EscapeHtml(title), 8, EscapeHtml(title),
      chart.log() ? "<tspan class='tick' dx='6'>log</tspan>" : "", Legend(drawn));
  svg += chart.Axes();
  for (const ChartLine& line : drawn) svg += chart.Line(line);
  return svg + "</svg>\n";
}

}  // namespace m2tts
