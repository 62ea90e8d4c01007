#include "trainer/g2p/aligner.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

namespace m2tts {
namespace {

using g2p_format::Chunk;
using g2p_format::kIdMask;
using g2p_format::kLetterCount;
using g2p_format::LetterIndex;

constexpr int kMaxChunk = 2;

struct Example {
  const std::string* word;
  const Pronunciation* pronunciation;
  std::vector<uint8_t> phonemes;  // without stress, reduced vowels as full ones
};

// A probability for every pair of a letter and a chunk; indexes a dense table of kLetterCount * 64 * 64.
class PairTable {
 public:
  PairTable() : values_(size_t{kLetterCount} * 64 * 64, 0.0) {}
  double& At(char letter, const uint8_t* phonemes, int count) {
    const size_t first = count > 0 ? phonemes[0] : 0;
    const size_t second = count > 1 ? phonemes[1] : 0;
    return values_[(static_cast<size_t>(LetterIndex(letter)) * 64 + first) * 64 + second];
  }
  std::vector<double>& values() { return values_; }

 private:
  std::vector<double> values_;
};

// Adds the expected counts of one word to `*counts`; false when no cut is possible.
bool Accumulate(const Example& example, PairTable* probability, PairTable* counts,
                std::vector<double>* forward, std::vector<double>* backward) {
  const std::string& word = *example.word;
  const size_t n = word.size();
  const size_t m = example.phonemes.size();
  const size_t width = m + 1;
  forward->assign((n + 1) * width, 0.0);
  backward->assign((n + 1) * width, 0.0);
  (*forward)[0] = 1;
  (*backward)[n * width + m] = 1;
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j <= m; ++j) {
      const double from = (*forward)[i * width + j];
      if (from == 0) continue;
      for (int k = 0; k <= kMaxChunk && j + static_cast<size_t>(k) <= m; ++k) {
        (*forward)[(i + 1) * width + j + static_cast<size_t>(k)] +=
            from * probability->At(word[i], example.phonemes.data() + j, k);
      }
    }
  }
  const double total = (*forward)[n * width + m];
  if (total <= 0) return false;
  for (size_t i = n; i-- > 0;) {
    for (size_t j = 0; j <= m; ++j) {
      double sum = 0;
      for (int k = 0; k <= kMaxChunk && j + static_cast<size_t>(k) <= m; ++k) {
        const double onward = probability->At(word[i], example.phonemes.data() + j, k) *
                              (*backward)[(i + 1) * width + j + static_cast<size_t>(k)];
        sum += onward;
        counts->At(word[i], example.phonemes.data() + j, k) += (*forward)[i * width + j] * onward / total;
      }
      (*backward)[i * width + j] = sum;
    }
  }
  return true;
}

// How many phonemes each letter takes in the best cut; nullopt when there is none.
std::optional<std::vector<int>> BestCut(const Example& example, PairTable* probability) {
  const std::string& word = *example.word;
  const size_t n = word.size();
  const size_t m = example.phonemes.size();
  const size_t width = m + 1;
  std::vector<double> best((n + 1) * width, -1.0);
  std::vector<int> taken((n + 1) * width, 0);
  best[0] = 1;
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j <= m; ++j) {
      const double from = best[i * width + j];
      if (from <= 0) continue;
      for (int k = 0; k <= kMaxChunk && j + static_cast<size_t>(k) <= m; ++k) {
        const double score = from * probability->At(word[i], example.phonemes.data() + j, k);
        const size_t to = (i + 1) * width + j + static_cast<size_t>(k);
        if (score > best[to]) {
          best[to] = score;
          taken[to] = k;
        }
      }
    }
  }
  if (best[n * width + m] <= 0) return std::nullopt;
  std::vector<int> cut(n);
  size_t j = m;
  for (size_t i = n; i-- > 0;) {
    cut[i] = taken[(i + 1) * width + j];
    j -= static_cast<size_t>(cut[i]);
  }
  return cut;
}

AlignedWord Cut(const Example& example, const std::vector<int>& cut) {
  AlignedWord out{*example.word, {}};
  size_t j = 0;
  for (const int count : cut) {
    Chunk chunk{};
    for (int k = 0; k < count; ++k, ++j) {
      const StressedPhoneme p = (*example.pronunciation)[j];
      chunk[static_cast<size_t>(k)] =
          static_cast<uint8_t>(p.id | static_cast<unsigned>(p.stress) << g2p_format::kStressShift);
    }
    out.chunks.push_back(chunk);
  }
  return out;
}

}  // namespace

std::vector<AlignedWord> AlignDictionary(const std::vector<DictionaryEntry>& entries,
                                         const AlignOptions& options) {
  std::vector<Example> examples;
  for (const DictionaryEntry& entry : entries) {
    for (const Pronunciation& variant : entry.variants) {
      if (variant.size() > entry.word.size() * kMaxChunk) continue;
      Example example{&entry.word, &variant, {}};
      for (const StressedPhoneme p : variant) example.phonemes.push_back(FullVowel(p.id));
      examples.push_back(std::move(example));
    }
  }
  PairTable probability;
  for (double& value : probability.values()) value = 1.0 / (kLetterCount * 64.0 * 64.0);
  std::vector<double> forward;
  std::vector<double> backward;
  for (int iteration = 0; iteration < options.iterations; ++iteration) {
    PairTable counts;
    for (const Example& example : examples) Accumulate(example, &probability, &counts, &forward, &backward);
    double total = 0;
    for (const double value : counts.values()) total += value;
    for (size_t i = 0; i < counts.values().size(); ++i) {
      probability.values()[i] = counts.values()[i] < 1e-3 ? 0 : counts.values()[i] / total;
    }
  }
  // Rare pairs go, with the words that have no cut without them: counted on best cuts, twice, since words
  // move.
  for (int round = 0; round < 2; ++round) {
    PairTable counts;
    for (const Example& example : examples) {
      const std::optional<std::vector<int>> cut = BestCut(example, &probability);
      if (!cut) continue;
      size_t j = 0;
      for (size_t i = 0; i < cut->size(); ++i) {
        counts.At((*example.word)[i], example.phonemes.data() + j, (*cut)[i]) += 1;
        j += static_cast<size_t>((*cut)[i]);
      }
    }
    for (size_t i = 0; i < counts.values().size(); ++i) {
      if (counts.values()[i] < options.min_pair_count) probability.values()[i] = 0;
    }
  }
  std::vector<AlignedWord> aligned;
  for (const Example& example : examples) {
    if (const std::optional<std::vector<int>> cut = BestCut(example, &probability)) {
      aligned.push_back(Cut(example, *cut));
    }
  }
  return aligned;
}

}  // namespace m2tts
