#include "trainer/loop/piece_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace m2tts {

bool PiecePlan::Observe(int parts, double longest_seconds) {
  over_ = longest_seconds > limit_ ? std::min(over_ + 1, kOver) : 0;
  calm_ = longest_seconds < kSpare * limit_ ? std::min(calm_ + 1, kCalm) : 0;
  int wanted = parts_;
  if (over_ == kOver) wanted = std::min(2 * parts, most_);
  if (calm_ == kCalm) wanted = std::min(parts_, std::max(parts / 2, 1));
  if (wanted == parts_) return false;
  parts_ = wanted;
  over_ = calm_ = 0;
  return true;
}

std::string PiecePlan::ToText() const {
  return fmt::format("{} {} {}", parts_, over_, calm_);
}

void PiecePlan::Restore(const std::string& text) {
  std::istringstream stream(text);
  int parts = 0, over = 0, calm = 0;
  std::string rest;
  const bool whole = stream >> parts >> over >> calm && !(stream >> rest);
  const auto within = [](int value, int least, int most) { return value >= least && value <= most; };
  if (!whole || !within(parts, 1, most_) || !within(over, 0, kOver) || !within(calm, 0, kCalm)) return;
  parts_ = parts;
  over_ = over;
  calm_ = calm;
}

}  // namespace m2tts
