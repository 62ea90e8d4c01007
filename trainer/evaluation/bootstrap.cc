#include "trainer/evaluation/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace m2tts {

StatusOr<Interval> PairedBootstrap(const std::vector<int>& errors_a, const std::vector<int>& errors_b,
                                   const std::vector<int>& words, const BootstrapOptions& options) {
  const size_t count = words.size();
  if (count == 0 || errors_a.size() != count || errors_b.size() != count) {
    return InvalidArgument("bootstrap: needs equally many figures of both systems, has {}, {} and {}",
                           errors_a.size(), errors_b.size(), count);
  }
  if (options.draws < 1) return InvalidArgument("bootstrap: draws: {} is below 1", options.draws);
  const auto total = [](const std::vector<int>& v) {
    return std::accumulate(v.begin(), v.end(), int64_t{0});
  };
  if (total(words) <= 0) return InvalidArgument("bootstrap: the sentences have no words");

  std::mt19937_64 random(options.seed);
  std::vector<double> draws;
  draws.reserve(options.draws);
  for (int draw = 0; draw < options.draws; ++draw) {
    int64_t difference = 0;
    int64_t drawn_words = 0;
    for (size_t i = 0; i < count; ++i) {
      // Not std::uniform_int_distribution, which differs between standard libraries.
      const size_t pick = ((random() >> 32) * count) >> 32;
      difference += errors_a[pick] - errors_b[pick];
      drawn_words += words[pick];
    }
    draws.push_back(drawn_words > 0 ? static_cast<double>(difference) / drawn_words : 0.0);
  }
  std::sort(draws.begin(), draws.end());
  const auto percentile = [&draws](double p) {
    return draws[static_cast<size_t>(std::lround(p * static_cast<double>(draws.size() - 1)))];
  };
  return Interval{static_cast<double>(total(errors_a) - total(errors_b)) / total(words), percentile(0.025),
                  percentile(0.975)};
}

}  // namespace m2tts
