// Levenshtein distance between two sequences, one row at a time: O(|a| |b|) time, O(|b|) memory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace m2tts {

// `Sequence` has size() and operator[]; its elements are compared with ==.
template <typename Sequence>
size_t EditDistance(const Sequence& a, const Sequence& b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

}  // namespace m2tts
