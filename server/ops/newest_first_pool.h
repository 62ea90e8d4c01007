// The threads of the HTTP server. Clients that connect and say nothing hold each a thread until they time
// out; the newest connection is served first, so that a thousand of them do not keep a probe waiting for
// their turn.
#pragma once

#include <httplib.h>

#include <functional>
#include <thread>
#include <utility>
#include <vector>

#include "core/base/mutex.h"

namespace m2tts {

class NewestFirstPool : public httplib::TaskQueue {
 public:
  // What enqueue returns differs between versions of httplib.
  using Enqueued = decltype(std::declval<httplib::TaskQueue&>().enqueue(nullptr));

  explicit NewestFirstPool(int threads);
  Enqueued enqueue(std::function<void()> task) override;
  // Waits for what runs; the rest is dropped, as the process ends.
  void shutdown() override;

 private:
  void Work();

  Mutex mutex_;
  CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::function<void()>> tasks_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

}  // namespace m2tts
