#include "core/variation.h"

#include <cmath>

namespace m2tts {
namespace {

constexpr double kTempoSigma = 0.15;  // of the natural logarithm of the factor
constexpr double kPitchSigma = 0.5;   // deviations
constexpr double kMemory = 0.8;       // from one phoneme to the next: changes take about five phonemes

// SplitMix64 (Steele, Lea, Flood 2014): the same numbers with every standard library.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t z = state_ += 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }
  // Nearly normal, within 6 sigma: the sum of twelve uniform numbers.
  double Normal() {
    double sum = -6.0;
    for (int i = 0; i < 12; ++i) sum += static_cast<double>(Next() >> 11) * 0x1p-53;
    return sum;
  }

 private:
  uint64_t state_;
};

// A walk that forgets, of unit variance.
class Walk {
 public:
  explicit Walk(uint64_t seed) : random_(seed), value_(random_.Normal()) {}
  double Next() {
    value_ = kMemory * value_ + std::sqrt(1.0 - kMemory * kMemory) * random_.Normal();
    return value_;
  }

 private:
  Random random_;
  double value_;
};

// FNV-1a.
uint64_t Hash(const Sentence& sentence) {
  uint64_t hash = 0xCBF29CE484222325;
  for (const Phoneme& phoneme : sentence.phonemes) {
    for (const uint64_t value : {uint64_t{phoneme.id}, static_cast<uint64_t>(phoneme.stress)}) {
      hash = (hash ^ value) * 0x100000001B3;
    }
  }
  return hash;
}

}  // namespace

Variation MakeVariation(const Sentence& sentence, double amount, uint64_t seed) {
  const size_t count = sentence.phonemes.size();
  Variation variation{std::vector<double>(count, 1.0), std::vector<float>(count, 0.0F)};
  if (amount <= 0.0) return variation;
  Random seeds(seed ^ Hash(sentence));
  Walk tempo(seeds.Next()), pitch(seeds.Next());
  for (size_t i = 0; i < count; ++i) {
    variation.duration[i] = std::exp(amount * kTempoSigma * tempo.Next());
    variation.pitch[i] = static_cast<float>(amount * kPitchSigma * pitch.Next());
  }
  return variation;
}

}  // namespace m2tts
