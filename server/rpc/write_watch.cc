#include "server/rpc/write_watch.h"

#include <algorithm>
#include <utility>

#include "server/base/status_details.h"

namespace m2tts {
namespace {

// That is up to their readers.
constexpr double kUnreadRetrySeconds = 1.0;

}  // namespace

void WatchedCall::SetRequest(std::weak_ptr<RunningRequest> request) {
  MutexLock lock(&mutex_);
  request_ = std::move(request);
}

void WatchedCall::WriteBegins(int64_t bytes) {
  MutexLock lock(&mutex_);
  writing_ = true;
  bytes_ += bytes;
  *unread_ += bytes;
  began_ = std::chrono::steady_clock::now();
}

void WatchedCall::WriteEnds() {
  MutexLock lock(&mutex_);
  writing_ = false;
}

void WatchedCall::End() {
  const std::thread::id nobody;
  MutexLock lock(&mutex_);
  ended_ = true;
  *unread_ -= std::exchange(bytes_, 0);
  while (cutting_ != nobody && cutting_ != std::this_thread::get_id()) changed_.Wait(&mutex_);
}

void WatchedCall::Look(Time now, double timeout_seconds) {
  std::shared_ptr<RunningRequest> request;
  double seconds = 0.0;
  bool cut = false;
  {
    MutexLock lock(&mutex_);
    seconds = std::chrono::duration<double>(now - began_).count();
    if (ended_ || !writing_ || seconds < timeout_seconds) return;
    request = request_.lock();
    cut = seconds >= 2 * timeout_seconds;
    if (cut) cutting_ = std::this_thread::get_id();
  }
  if (request != nullptr) {
    request->Cancel(
        Errorf(StatusCode::kDeadlineExceeded, "the reader has taken nothing for {:.0f} s", seconds));
  }
  if (!cut) return;
  cut_();
  {
    MutexLock lock(&mutex_);
    cutting_ = {};
  }
  changed_.NotifyAll();
}

Status WriteWatch::CheckUnread() const {
  if (unread_ <= max_unread_) return OkStatus();
  return WithRetryDelay(
      Errorf(StatusCode::kResourceExhausted, "clients have not read {} MB of answers; retry in {:.0f} s",
             unread_ >> 20, kUnreadRetrySeconds),
      kUnreadRetrySeconds);
}

std::shared_ptr<WatchedCall> WriteWatch::Add(std::function<void()> cut) {
  auto call = std::make_shared<WatchedCall>(std::move(cut), &unread_);
  MutexLock lock(&mutex_);
  calls_.push_back(call);
  return call;
}

void WriteWatch::Look(WatchedCall::Time now, double timeout_seconds) {
  std::vector<std::shared_ptr<WatchedCall>> alive;
  {
    MutexLock lock(&mutex_);
    calls_.erase(std::remove_if(calls_.begin(), calls_.end(),
                                [](const std::weak_ptr<WatchedCall>& call) { return call.expired(); }),
                 calls_.end());
    for (const auto& call : calls_) {
      if (auto locked = call.lock()) alive.push_back(std::move(locked));
    }
  }
  if (timeout_seconds <= 0.0) return;
  for (const auto& call : alive) call->Look(now, timeout_seconds);
}

}  // namespace m2tts
