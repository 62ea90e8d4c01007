#include "server/ops/newest_first_pool.h"

namespace m2tts {

NewestFirstPool::NewestFirstPool(int threads) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

NewestFirstPool::Enqueued NewestFirstPool::enqueue(std::function<void()> task) {
  {
    MutexLock lock(&mutex_);
    tasks_.push_back(std::move(task));
  }
  changed_.NotifyOne();
  return static_cast<Enqueued>(1);
}

void NewestFirstPool::shutdown() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
  }
  changed_.NotifyAll();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void NewestFirstPool::Work() {
  while (true) {
    std::function<void()> task;
    {
      MutexLock lock(&mutex_);
      while (tasks_.empty() && !stopping_) changed_.Wait(&mutex_);
      if (stopping_) return;
      task = std::move(tasks_.back());
      tasks_.pop_back();
    }
    task();
  }
}

}  // namespace m2tts
