// A few threads for the work beside the model: text to phonemes, encoding, analysis.
//
// Tasks run in the order of posting. Post takes any number (admission bounds what requests
// post); TryPost refuses when `max_pending` of those posted by it wait, or by PostAgain, which continues
// what it began. Any thread may call.
#pragma once

#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "core/base/mutex.h"

namespace m2tts {

using Task = std::function<void()>;
// How a stage schedules its next step; WorkerPool::Post, or a test's own queue.
using PostTask = std::function<void(Task)>;

class WorkerPool {
 public:
  WorkerPool(int threads, int max_pending);
  // Runs what was posted, then joins.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  void Post(Task task);
  bool TryPost(Task task);
  void PostAgain(Task task);

 private:
  void PostCounted(Task task);
  void Work();

  const int max_pending_;
  Mutex mutex_;
  CondVar changed_;
  std::deque<Task> tasks_ ABSL_GUARDED_BY(mutex_);
  int pending_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace m2tts
