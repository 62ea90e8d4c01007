// The last resort of a daemon that ends: a client that no longer reads keeps gRPC from closing its connection
// (it finishes a write that is under way before it gives up a socket, whatever is cancelled), and a device
// that hangs keeps its lane. Once all that is worth keeping is stored, neither may keep the process.
#pragma once

#include <chrono>
#include <functional>
#include <thread>

#include "core/base/mutex.h"

namespace m2tts {

class ExitDeadline {
 public:
  // `late` is called once, by a thread of this, if this still lives after `time`.
  ExitDeadline(std::chrono::milliseconds time, std::function<void()> late);
  // In time: `late` will not be called any more; waits for it if it is being called.
  ~ExitDeadline();

 private:
  void Watch(std::chrono::steady_clock::time_point deadline);

  const std::function<void()> late_;
  Mutex mutex_;
  CondVar changed_;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace m2tts
