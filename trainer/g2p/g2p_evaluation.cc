#include "trainer/g2p/g2p_evaluation.h"

#include <algorithm>
#include <limits>

#include "core/base/edit_distance.h"

namespace m2tts {
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
      best_stress = std::min(best_stress, EditDistance(guess, variant));
      const size_t edits = EditDistance(plain, WithoutStress(variant));
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
