// How long the stage of a job still takes, by the clock on the wall.
//
// A worker tells how long its steps take, and leaves out what it waited for leases. This divides by the part
// of the time in which steps have run lately, so that a job beside many requests, or slowed down for heat, is
// not always "nearly done". Pauses are no sign of the pace that comes after them, and do not count.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "m2tts/worker/v1/lease.pb.h"

namespace m2tts {

// One per worker; one thread at a time.
class EtaEstimate {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Seconds until the end of the stage, at most 1e9; 0 = unknown, or done.
  double Observe(const worker::v1::Progress& progress, Time now);
  // The job is paused: what passes until the next progress does not count.
  void Pause() { last_.reset(); }

 private:
  struct Seen {
    int64_t step;
    Time time;
  };
  std::string stage_;
  std::optional<Seen> last_;
  std::optional<double> share_;  // of the time in which steps ran, smoothed over about a minute
};

}  // namespace m2tts
