// The end of a daemon: new requests are refused, running ones finish or are cut at a deadline.
//
// Flow: 1. refuse; 2. look, every few milliseconds, whether all calls have ended; 3. at the deadline, or
// when somebody asks again, cut what is left. Called by the main thread, once. Knows nothing of gRPC,
// signals or clocks: they are passed in.
#pragma once

#include <chrono>
#include <functional>

namespace m2tts {

struct DrainHooks {
  std::function<void()> refuse_new;  // health says NOT_SERVING, admission closes
  std::function<bool()> idle;        // no call runs
  // Waits that long; true when somebody wants the end at once (a second signal).
  std::function<bool(std::chrono::milliseconds)> wait;
  std::function<void(bool idle)> finish;  // cuts what runs, if anything does, and closes the ports
  std::function<std::chrono::steady_clock::time_point()> now = &std::chrono::steady_clock::now;
};

enum class DrainResult {
  kIdle,      // everything ended by itself
  kDeadline,  // something was cut, since its time was over
  kHurried,   // something was cut, since somebody asked for it
};

DrainResult Drain(const DrainHooks& hooks, double seconds);

}  // namespace m2tts
