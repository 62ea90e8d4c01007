// How sure a difference between two systems is, measured on the same sentences.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/status.h"

namespace m2tts {

struct BootstrapOptions {
  int draws = 10'000;    // more makes the ends of the interval steadier
  uint64_t seed = 1234;  // equal seeds give equal intervals
};

struct Interval {
  double value = 0;  // measured on all sentences
  double low = 0;    // 2.5th percentile
  double high = 0;   // 97.5th percentile
};

// Paired bootstrap over sentences (Bisani & Ney 2004) of the difference of error rates,
// sum(errors_a - errors_b) / sum(words): each draw takes as many sentences, with replacement,
// and both systems' errors on them. INVALID_ARGUMENT when the lengths differ, are 0, or there
// are no words.
StatusOr<Interval> PairedBootstrap(const std::vector<int>& errors_a, const std::vector<int>& errors_b,
                                   const std::vector<int>& words, const BootstrapOptions& options = {});

}  // namespace m2tts
