#include "server/rpc/write_watch.h"

#include <vector>

#include "server/rpc/answer_writer.h"

namespace m2tts {

void WriteWatch::Add(AnswerWriter* writer) {
  MutexLock lock(&mutex_);
  writers_.insert(writer);
}

void WriteWatch::Remove(AnswerWriter* writer) {
  MutexLock lock(&mutex_);
  writers_.erase(writer);
}

void WriteWatch::Look(std::chrono::steady_clock::time_point now, double timeout_seconds) {
  if (timeout_seconds <= 0.0) return;
  std::vector<AnswerWriter*> held;
  {
    MutexLock lock(&mutex_);
    for (AnswerWriter* const writer : writers_) {
      if (writer->HoldIfStalled(now, timeout_seconds)) held.push_back(writer);
    }
  }
  // Without the lock: gRPC may run what ends another call, and deletes its writer, in this thread.
  for (AnswerWriter* const writer : held) writer->GiveUp(now, timeout_seconds);
}

}  // namespace m2tts
