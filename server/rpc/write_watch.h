// Finds the answers whose clients take nothing. A connection that lives keeps a call for ever whose client
// does not read: nothing but time tells it from one that is slow.
//
// A write that is under way for longer than the timeout ends the request with DEADLINE_EXCEEDED: what it has
// still to say is not made any more, and what was said is read by a client that comes back. After
// twice the timeout the call is cut, and its memory is free.
//
// Any thread may call. Outlives its writers.
#pragma once

#include <chrono>
#include <unordered_set>

#include "core/base/mutex.h"

namespace m2tts {

class AnswerWriter;

class WriteWatch {
 public:
  void Add(AnswerWriter* writer) ABSL_LOCKS_EXCLUDED(mutex_);
  void Remove(AnswerWriter* writer) ABSL_LOCKS_EXCLUDED(mutex_);
  // To be called every now and then. timeout_seconds 0: nobody is given up.
  void Look(std::chrono::steady_clock::time_point now, double timeout_seconds) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  Mutex mutex_;
  std::unordered_set<AnswerWriter*> writers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace m2tts
