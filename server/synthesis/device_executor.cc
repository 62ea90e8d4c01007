#include "server/synthesis/device_executor.h"

#include <algorithm>
#include <future>
#include <utility>

namespace m2tts {

DeviceExecutor::~DeviceExecutor() {
  Stop();
}

void DeviceExecutor::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void DeviceExecutor::Stop() {
  if (!thread_.joinable()) return;
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
  }
  changed_.NotifyOne();
  thread_.join();
}

void DeviceExecutor::Submit(std::shared_ptr<SynthesisJob> job) {
  {
    MutexLock lock(&mutex_);
    arrived_.push_back(std::move(job));
  }
  Wake();
}

void DeviceExecutor::Wake() {
  {
    MutexLock lock(&mutex_);
    wake_ = true;
  }
  changed_.NotifyOne();
}

Status DeviceExecutor::Run(std::function<Status()> task) {
  std::promise<Status> done;
  {
    MutexLock lock(&mutex_);
    control_.push_back([&done, &task] { done.set_value(task()); });
    wake_ = true;
  }
  changed_.NotifyOne();
  return done.get_future().get();
}

bool DeviceExecutor::RunControlTask() {
  std::function<void()> task;
  {
    MutexLock lock(&mutex_);
    if (control_.empty()) return false;
    task = std::move(control_.front());
    control_.pop_front();
  }
  task();
  return true;
}

DeviceExecutor::Entry* DeviceExecutor::Pick() {
  Entry* best = nullptr;
  for (Entry& entry : entries_) {
    const SynthesisJob::Turn turn = entry.job->turn();
    if (turn == SynthesisJob::Turn::kFirst) return &entry;
    if (turn == SynthesisJob::Turn::kLater && (best == nullptr || entry.last_served < best->last_served)) {
      best = &entry;
    }
  }
  return best;
}

bool DeviceExecutor::RunOne() {
  if (RunControlTask()) return true;
  {
    MutexLock lock(&mutex_);
    for (auto& job : arrived_) entries_.push_back({std::move(job), 0});
    arrived_.clear();
  }
  Entry* const entry = Pick();
  if (entry == nullptr) return false;
  entry->last_served = ++step_;
  if (entry->job->RunStep()) entries_.erase(entries_.begin() + (entry - entries_.data()));
  return true;
}

void DeviceExecutor::Loop() {
  while (true) {
    const bool worked = RunOne();
    bool stopping = false;
    {
      MutexLock lock(&mutex_);
      auto deadline = TimePoint::max();
      for (const Entry& entry : entries_) {
        deadline = std::min(deadline, entry.job->request().deadline.value_or(TimePoint::max()));
      }
      while (!worked && !wake_ && !stopping_) {
        if (deadline == TimePoint::max()) {
          changed_.Wait(&mutex_);
        } else if (!changed_.WaitUntil(&mutex_, deadline)) {
          break;
        }
      }
      wake_ = false;
      stopping = stopping_;
    }
    if (!stopping) continue;
    for (const Entry& entry : entries_) {
      entry.job->Cancel(Errorf(StatusCode::kUnavailable, "the server is shutting down"));
    }
    while (RunOne()) {
    }
    return;
  }
}

}  // namespace m2tts
