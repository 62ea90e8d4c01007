#include "trainer/evaluation/dtw.h"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace m2tts {
namespace {

constexpr size_t kMaxPairs = size_t{256} << 20;
enum Step : uint8_t { kBoth, kRow, kCol };

}  // namespace

StatusOr<WarpingPath> DynamicTimeWarp(size_t rows, size_t cols,
                                      const std::function<double(size_t, size_t)>& distance) {
  if (rows == 0 || cols == 0) return InvalidArgument("time warping: one side has no frames");
  if (rows > kMaxPairs / cols) {
    return Errorf(StatusCode::kResourceExhausted, "time warping: {} by {} frames are too many", rows, cols);
  }
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  std::vector<Step> steps(rows * cols);       // by which step the best path comes to (i, j)
  std::vector<double> cost(cols, kInfinity);  // of the best path to (i, j), row i
  for (size_t i = 0; i < rows; ++i) {
    double diagonal = i == 0 ? 0.0 : kInfinity;  // row i - 1, column j - 1; 0 starts the path
    for (size_t j = 0; j < cols; ++j) {
      const double above = cost[j];
      const double left = j > 0 ? cost[j - 1] : kInfinity;
      const double best = std::min({diagonal, above, left});
      steps[i * cols + j] = best == diagonal ? kBoth : best == above ? kRow : kCol;
      cost[j] = best + distance(i, j);
      diagonal = above;
    }
  }
  WarpingPath path;
  for (size_t i = rows - 1, j = cols - 1;;) {
    path.emplace_back(i, j);
    if (i == 0 && j == 0) break;
    const Step step = steps[i * cols + j];
    if (step != kCol) --i;
    if (step != kRow) --j;
  }
  std::reverse(path.begin(), path.end());
  return path;
}

}  // namespace m2tts
