// When to give freed heap back to the system: the heap is kept (KeepHeap), since the next request needs it,
// so what a storm of requests or a message of many megabytes has left would stay for ever.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace m2tts {

// Pure: time and sizes come in. One thread at a time.
class IdleHeap {
 public:
  using Time = std::chrono::steady_clock::time_point;
  // Idle that long before anything is given back: a pause between two sentences costs nothing.
  static constexpr std::chrono::seconds kIdle{5};
  // What may stay above the resident size after the last time: a small load need not fault its pages in
  // again.
  static constexpr int64_t kSpareBytes = 32 << 20;

  // True when it is time to trim. `busy`: something is being synthesized. `resident`: bytes of this process;
  // nullopt, where the system does not tell, is never time.
  bool Due(bool busy, std::optional<int64_t> resident, Time now);
  // What is resident after trimming, or when the daemon begins to serve.
  void SetBase(std::optional<int64_t> resident) { base_ = resident; }

 private:
  std::optional<int64_t> base_;
  std::optional<Time> idle_since_;
};

}  // namespace m2tts
