// Which of the places between tokens are phrase breaks: the best series of decisions by Viterbi search.
//
// Each place has a score of its own, from the parts of speech around it, and each decision one that depends
// on the six before it, so that phrases become neither very short nor very long. This is the model of Taylor
// and Black, "Assigning phrase breaks from part-of-speech sequences" (1998), with weights that are learned to
// decide, not to generate. Pure functions; any thread may call them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/text/phrasing/phrase_format.h"

namespace m2tts {

// The place after a token.
struct Juncture {
  enum class Given : uint8_t { kOpen, kBreak, kNoBreak };
  Given given = Given::kOpen;
  float score = 0;  // of a break, against none
};

// The last six decisions, the latest in the lowest bit, 1 for a break.
using BreakHistory = uint8_t;
inline constexpr BreakHistory kBreakBefore = 1;  // a text begins after a break
constexpr BreakHistory NextHistory(BreakHistory history, bool is_break) {
  return static_cast<BreakHistory>((history << 1 | (is_break ? 1 : 0)) & (phrase_format::kHistories - 1));
}

// [0]: of no break, [1]: of a break; for each history.
using HistoryScores = std::array<std::array<float, phrase_format::kHistories>, 2>;

// One decision for each juncture; those that are given stay as they are. Time is linear in their number.
std::vector<bool> FindBreaks(const std::vector<Juncture>& junctures, const HistoryScores& history);

}  // namespace m2tts
