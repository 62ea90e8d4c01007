// In how many pieces a batch is computed so that none takes longer than a listener may wait. On a GPU nothing
// preempts what has been queued: a request waits for the piece in hand.
//
//   kOver steps in a row with a piece over the limit            -> twice as many pieces
//   kCalm steps in a row with all pieces under kSpare of it     -> half as many
//
// kSpare is below a half, so that what is halved stays within the limit: the plan does not swing. A single
// slow step (the first one, one disturbed by others) changes nothing.
//
// Pure: the caller measures time. Part of the checkpoint, since the order in which pieces are summed has a
// say in the last digits of a run. One thread at a time.
#pragma once

#include <string>

namespace m2tts {

class PiecePlan {
 public:
  static constexpr int kOver = 2;
  static constexpr int kCalm = 20;
  static constexpr double kSpare = 0.4;

  // limit_seconds: of a piece. most: pieces.
  PiecePlan(double limit_seconds, int most) : limit_(limit_seconds), most_(most) {}

  int parts() const { return parts_; }

  // A step in `parts` pieces, which lack of memory may have made more than parts(), the longest of which took
  // so long. True when parts() has changed.
  bool Observe(int parts, double longest_seconds);

  // "PARTS OVER CALM", for a checkpoint, and back. What does not read as that leaves the plan as it is.
  std::string ToText() const;
  void Restore(const std::string& text);

 private:
  const double limit_;
  const int most_;
  int parts_ = 1;
  int over_ = 0;  // steps in a row
  int calm_ = 0;
};

}  // namespace m2tts
