#include "trainer/g2p/g2p_evaluation.h"

#include <algorithm>
#include <limits>

namespace m2tts {
namespace {

size_t Edits(const Pronunciation& a, const Pronunciation& b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({substituted, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

Pronunciation WithoutStress(const Pronunciation& pronunciation) {
  Pronunciation out;
  for (const StressedPhoneme p : pronunciation) out.push_back({FullVowel(p.id), Stress::kNone});
  return out;
}

G2pScore ScoreG2p(const std::vector<DictionaryEntry>& words, const WordReader& read) {
  G2pScore score;
  for (const DictionaryEntry& entry : words) {
    const Pronunciation guess = read(entry.word);
    const Pronunciation plain = WithoutStress(guess);
    size_t best = std::numeric_limits<size_t>::max();
    size_t best_stress = best;
    size_t length = 0;
    for (const Pronunciation& variant : entry.variants) {
      best_stress = std::min(best_stress, Edits(guess, variant));
      const size_t edits = Edits(plain, WithoutStress(variant));
      if (edits >= best) continue;
      best = edits;
      length = variant.size();
    }
    ++score.words;
    score.wrong_words += best > 0 ? 1 : 0;
    score.wrong_words_stress += best_stress > 0 ? 1 : 0;
    score.phonemes += length;
    score.edits += best;
    score.edits_stress += best_stress;
  }
  return score;
}

}  // namespace m2tts
