// ARPAbet text ("HH AH0 L OW1") to phonemes with stress, and back.
//
// Pure functions; any thread may call them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"
#include "core/text/phoneme.h"

namespace m2tts {

// A phoneme within a word.
struct StressedPhoneme {
  PhonemeId id = kPad;
  Stress stress = Stress::kNone;
};
inline bool operator==(StressedPhoneme a, StressedPhoneme b) {
  return a.id == b.id && a.stress == b.stress;
}

using Pronunciation = std::vector<StressedPhoneme>;

// The one place where the reductions are written down. The CMU dictionary has no symbol for
// reduced vowels: it writes them as full vowels with stress 0. We read
//   AH0 -> AX  (about)     ER0 -> AXR (butter)     IH0 -> IX (roses)
// and leave all other vowels as they are. Stress is kUnstressed in the three.
StressedPhoneme ReduceIfUnstressed(PhonemeId id, Stress stress);

// The other way round: AX -> AH, AXR -> ER, IX -> IH; any other phoneme as it is.
PhonemeId FullVowel(PhonemeId id);

// One symbol: a vowel carries a stress digit (0, 1, 2), a consonant none. AX, AXR and IX may
// leave theirs out. INVALID_ARGUMENT names the symbol.
StatusOr<StressedPhoneme> ParseArpabetSymbol(std::string_view symbol);

// A whole word, symbols separated by blanks.
StatusOr<Pronunciation> ParseArpabet(std::string_view text);

// Appends "HH AH0 L OW1": vowels with their digit, consonants bare; AX, AXR and IX as AH0, ER0, IH0.
void AppendArpabet(StressedPhoneme phoneme, std::string* out);

}  // namespace m2tts
