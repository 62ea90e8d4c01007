#include "server/rpc/call_tracker.h"

#include <spdlog/spdlog.h>

#include "server/rpc/status_to_grpc.h"

namespace m2tts {

bool CallTracker::WaitIdle(std::chrono::steady_clock::time_point deadline) {
  MutexLock lock(&mutex_);
  while (active_ > 0) {
    if (!changed_.WaitUntil(&mutex_, deadline)) return active_ == 0;
  }
  return true;
}

void CallTracker::Enter() {
  MutexLock lock(&mutex_);
  ++active_;
}

void CallTracker::Leave() {
  MutexLock lock(&mutex_);
  if (--active_ == 0) changed_.NotifyAll();
}

CallScope::CallScope(CallTracker* tracker, const char* method)
    : tracker_(tracker), method_(method), arrival_(std::chrono::steady_clock::now()) {
  tracker_->Enter();
}

CallScope::~CallScope() {
  tracker_->Leave();
}

grpc::Status CallScope::End(const Status& status, const std::string& what) {
  const grpc::Status answer = ToGrpcStatus(status);
  const std::string code = StatusCodeName(answer.error_code());
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - arrival_).count();
  ++tracker_->total_;
  tracker_->metrics_->RecordCall(method_, code, seconds);
  // Messages of errors may quote the request; codes do not.
  spdlog::log(status.code() == StatusCode::kInternal ? spdlog::level::err : spdlog::level::info,
              "{} {} in {:.3f} s{}{}", method_, code, seconds, what.empty() ? "" : ", ", what);
  return answer;
}

}  // namespace m2tts
