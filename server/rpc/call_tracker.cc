#include "server/rpc/call_tracker.h"

#include <spdlog/spdlog.h>

#include "server/base/status_details.h"
#include "server/rpc/status_to_grpc.h"
#include "server/security/request_id.h"

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

CallScope::CallScope(CallTracker* tracker, const char* method, grpc::CallbackServerContext* call, Role role)
    : tracker_(tracker),
      method_(method),
      call_(call),
      // What everybody may look at is asked every few seconds.
      level_(role == Role::kAny ? spdlog::level::debug : spdlog::level::info),
      arrival_(std::chrono::steady_clock::now()) {
  tracker_->Enter();
  status_ = tracker_->authorizer_->Authorize(*call, role, &caller_);
  call_->AddTrailingMetadata(kRequestIdKey, caller_.request_id);
}

CallScope::~CallScope() {
  if (streams_) tracker_->metrics_->streams.Decrement();
  tracker_->Leave();
}

void CallScope::CountAsStream() {
  streams_ = true;
  tracker_->metrics_->streams.Increment();
}

Status CallScope::CheckUnread() const {
  Status status = write_watch().CheckUnread();
  if (!status.ok()) tracker_->metrics_->RecordRejection("unread");
  return status;
}

grpc::Status CallScope::End(const Status& status, const std::string& what) {
  grpc::Status answer = ToGrpcStatus(WithRequestId(status, caller_.request_id));
  if (const auto delay = RetryDelayOf(status)) {
    call_->AddTrailingMetadata("grpc-retry-pushback-ms", fmt::format("{:.0f}", *delay * 1e3));
  }
  const std::string code = StatusCodeName(answer.error_code());
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - arrival_).count();
  ++tracker_->total_;
  tracker_->metrics_->RecordCall(method_, code, seconds);
  // Messages of errors may quote the request; codes do not.
  spdlog::log(status.code() == StatusCode::kInternal ? spdlog::level::err : level_,
              "{} {} {} in {:.3f} s, client {}{}{}", caller_.request_id, method_, code, seconds, caller_.name,
              what.empty() ? "" : ", ", what);
  return answer;
}

}  // namespace m2tts
