// The same work on many items, by several threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <functional>
#include <thread>
#include <vector>

#include "core/base/mutex.h"
#include "core/base/status.h"

namespace m2tts {

// Threads that keep this machine busy, at least 1.
inline int BusyThreads() {
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

// Calls work(0) to work(count - 1) on `threads` threads, begun in that order, each once; several at a time.
// After an error no more are begun; returns the first one, when all that were begun have ended.
inline Status ParallelFor(size_t count, int threads, const std::function<Status(size_t)>& work) {
  std::atomic<size_t> next{0};
  std::atomic<bool> failed{false};
  Mutex mutex;
  Status first;
  const auto run = [&] {
    for (size_t i = next++; i < count && !failed; i = next++) {
      const Status status = work(i);
      if (status.ok()) continue;
      MutexLock lock(&mutex);
      if (first.ok()) first = status;
      failed = true;
    }
  };
  std::vector<std::thread> workers;
  const size_t most = std::min(static_cast<size_t>(std::max(threads, 1)), count);
  for (size_t t = 0; t < most; ++t) workers.emplace_back(run);
  for (std::thread& worker : workers) worker.join();
  return first;
}

}  // namespace m2tts
