#include "server/synthesis/worker_pool.h"

namespace m2tts {

WorkerPool::WorkerPool(int threads, int max_pending) : max_pending_(max_pending) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

WorkerPool::~WorkerPool() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
  }
  changed_.NotifyAll();
  for (std::thread& thread : threads_) thread.join();
}

void WorkerPool::Post(Task task) {
  {
    MutexLock lock(&mutex_);
    tasks_.push_back(std::move(task));
  }
  changed_.NotifyOne();
}

bool WorkerPool::TryPost(Task task) {
  {
    MutexLock lock(&mutex_);
    if (pending_ >= max_pending_) return false;
    ++pending_;
  }
  PostCounted(std::move(task));
  return true;
}

void WorkerPool::PostAgain(Task task) {
  {
    MutexLock lock(&mutex_);
    ++pending_;
  }
  PostCounted(std::move(task));
}

void WorkerPool::PostCounted(Task task) {
  Post([this, task = std::move(task)] {
    {
      MutexLock lock(&mutex_);
      --pending_;
    }
    task();
  });
}

void WorkerPool::Work() {
  while (true) {
    Task task;
    {
      MutexLock lock(&mutex_);
      while (tasks_.empty() && !stopping_) changed_.Wait(&mutex_);
      if (tasks_.empty()) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }
}

}  // namespace m2tts
