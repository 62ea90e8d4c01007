// Loss scaling for float16 (Micikevicius et al. 2018, "Mixed Precision Training", section 3.2): gradients
// are computed of a multiple of the loss, so that small ones do not vanish in float16.
#pragma once

#include <algorithm>
#include <cstdint>

namespace m2tts {

// The multiple, and how it follows what happens: halved when gradients overflow, doubled after a long
// time without. One thread at a time.
class LossScaler {
 public:
  static constexpr double kFirst = 4096.0;
  static constexpr double kLeast = 1.0, kMost = 65536.0;
  static constexpr int64_t kPatience = 1000;  // good steps before it is doubled

  double scale() const { return scale_; }
  int64_t good_steps() const { return good_steps_; }

  void Overflowed() {
    scale_ = std::max(kLeast, scale_ / 2.0);
    good_steps_ = 0;
  }
  void Good() {
    if (++good_steps_ < kPatience) return;
    scale_ = std::min(kMost, scale_ * 2.0);
    good_steps_ = 0;
  }
  // From a checkpoint.
  void Restore(double scale, int64_t good_steps) {
    scale_ = std::clamp(scale, kLeast, kMost);
    good_steps_ = good_steps;
  }

 private:
  double scale_ = kFirst;
  int64_t good_steps_ = 0;
};

}  // namespace m2tts
