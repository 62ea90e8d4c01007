// How long a speaker takes for a number of phonemes: a straight line, since short utterances are said slower.
#pragma once

#include <utility>
#include <vector>

namespace m2tts {

struct SpeakingTime {
  double fixed = 0.0;        // seconds, whatever is said
  double per_phoneme = 0.0;  // seconds; 0: not known
  bool known() const { return per_phoneme > 0.0; }
  double seconds(int phonemes) const { return fixed + per_phoneme * phonemes; }
};

// Fits pairs of phonemes and seconds by the incomplete method of Theil 1950, "A rank-invariant method of
// linear and polynomial regression analysis": each pair is joined with the one half of the sorted list away,
// and the median slope counts; a quarter of the pairs may be wrong. Not known for fewer than 8 pairs, or
// texts of one length.
SpeakingTime FitSpeakingTime(std::vector<std::pair<int, double>> clips);

}  // namespace m2tts
