#include "trainer/check/statistics.h"

#include <algorithm>
#include <cmath>

namespace m2tts {
namespace {

// Between the two nearest values, linearly; `sorted` is not empty.
double Quantile(const std::vector<double>& sorted, double share) {
  const double at = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(at);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

}  // namespace

Distribution Describe(std::vector<double> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  Distribution result{values.size(), Quantile(values, 0.05), Quantile(values, 0.5), Quantile(values, 0.95),
                      0.0};
  for (double& value : values) value = std::abs(value - result.median);
  std::sort(values.begin(), values.end());
  result.mad = Quantile(values, 0.5);
  return result;
}

double OutlierScore(double value, const Distribution& usual) {
  constexpr double kMadOfNormal = 0.6745;  // of a standard normal distribution
  const double distance = value - usual.median;
  return distance == 0.0 ? 0.0 : kMadOfNormal * distance / usual.mad;
}

}  // namespace m2tts
