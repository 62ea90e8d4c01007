#include "core/text/phrasing/break_search.h"

#include <algorithm>

namespace m2tts {
namespace {

constexpr float kNever = -1e30F;
using Scores = std::array<float, phrase_format::kHistories>;

// Where the best way to a history came from.
struct Step {
  std::array<BreakHistory, phrase_format::kHistories> from{};
};

void Extend(const Scores& now, bool is_break, float score, const HistoryScores& history, Scores* next,
            Step* step) {
  for (size_t h = 0; h < now.size(); ++h) {
    if (now[h] == kNever) continue;
    const float total = now[h] + score + history[is_break ? 1 : 0][h];
    const BreakHistory to = NextHistory(static_cast<BreakHistory>(h), is_break);
    if (total <= (*next)[to]) continue;
    (*next)[to] = total;
    step->from[to] = static_cast<BreakHistory>(h);
  }
}

}  // namespace

std::vector<bool> FindBreaks(const std::vector<Juncture>& junctures, const HistoryScores& history) {
  Scores now;
  now.fill(kNever);
  now[kBreakBefore] = 0;
  std::vector<Step> steps(junctures.size());
  for (size_t i = 0; i < junctures.size(); ++i) {
    Scores next;
    next.fill(kNever);
    if (junctures[i].given != Juncture::Given::kBreak) Extend(now, false, 0, history, &next, &steps[i]);
    if (junctures[i].given != Juncture::Given::kNoBreak) {
      Extend(now, true, junctures[i].score, history, &next, &steps[i]);
    }
    // Only differences count, and long texts must not lose them to rounding.
    const float best = *std::max_element(next.begin(), next.end());
    for (float& score : next) {
      if (score != kNever) score -= best;
    }
    now = next;
  }
  std::vector<bool> breaks(junctures.size());
  auto at = static_cast<BreakHistory>(std::max_element(now.begin(), now.end()) - now.begin());
  for (size_t i = junctures.size(); i > 0; --i) {
    breaks[i - 1] = (at & 1) != 0;
    at = steps[i - 1].from[at];
  }
  return breaks;
}

}  // namespace m2tts
