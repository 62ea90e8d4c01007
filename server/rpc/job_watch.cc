#include "server/rpc/job_watch.h"

#include <algorithm>
#include <utility>

#include "server/jobs/job_state.h"
#include "server/rpc/raw_message.h"

namespace m2tts {
namespace {

constexpr int kBatch = 64;

}  // namespace

JobWatch* JobWatch::Start(JobBoard* board, WorkerPool* pool, std::unique_ptr<CallScope> call,
                          const Status& request, const std::string& job_id, int64_t from_sequence) {
  const std::shared_ptr<JobWatch> watch(new JobWatch(board, pool, std::move(call), job_id));
  watch->self_ = watch;
  watch->Begin(request, from_sequence);
  return watch.get();
}

void JobWatch::Begin(const Status& request, int64_t from_sequence) {
  Status status = request;
  if (status.ok()) {
    // Before anything may read: what happens from here on is read from the store in its turn.
    const auto record = board_->Record(job_id_);
    MutexLock lock(&mutex_);
    next_ = std::max<int64_t>(1, from_sequence);
    replay_until_ = record.ok() ? record->job.last_sequence() : 0;
  }
  if (status.ok()) status = board_->Watch(job_id_, this);
  if (!status.ok()) return End(status);
  watching_ = true;
  pool_->Post([self = shared_from_this()] { self->Pump(); });
}

void JobWatch::OnNews() {
  pool_->Post([self = shared_from_this()] { self->Pump(); });
}

void JobWatch::OnClose() {
  pool_->Post([self = shared_from_this()] {
    self->Abort(Errorf(StatusCode::kUnavailable, "the daemon is stopping; the job goes on when it is back"));
  });
}

void JobWatch::Read() {
  const auto record = board_->Record(job_id_);
  const auto events = record.ok() ? board_->store().Events(record->number, next_, kBatch) : record.status();
  if (!events.ok()) {  // the job was deleted meanwhile, or the store is gone
    over_ = true;
    status_ = events.status();
    return;
  }
  for (size_t i = 0; i < events->size(); ++i) {
    const v1::JobEvent& event = (*events)[i];
    next_ = event.sequence() + 1;
    const bool replaced = event.has_progress() && event.sequence() > replay_until_ &&
                          i + 1 < events->size() && (*events)[i + 1].has_progress();
    if (!replaced) queue_.push_back(event);
  }
  over_ = events->empty() && JobStateMachine::IsTerminal(record->job.state());
}

void JobWatch::Pump() {
  const grpc::ByteBuffer* write = nullptr;
  Status status;
  {
    MutexLock lock(&mutex_);
    if (writing_ || ended_) return;
    if (queue_.empty() && !over_) Read();
    if (!queue_.empty()) {
      status = SerializeMessage(queue_.front(), &current_);
      queue_.pop_front();
      writing_ = status.ok();
      if (writing_) write = &current_;
    } else if (over_) {
      status = status_;
    } else {
      return;
    }
  }
  if (write != nullptr) {
    StartWrite(write);
  } else {
    End(status);
  }
}

void JobWatch::Abort(const Status& status) {
  {
    MutexLock lock(&mutex_);
    queue_.clear();
    over_ = true;
    status_ = status;
  }
  Pump();
}

void JobWatch::End(const Status& status) {
  {
    MutexLock lock(&mutex_);
    if (ended_) return;
    ended_ = true;
  }
  Finish(call_->End(status));
}

void JobWatch::OnWriteDone(bool ok) {
  {
    MutexLock lock(&mutex_);
    writing_ = false;
  }
  if (ok) {
    Pump();
  } else {
    Abort(Errorf(StatusCode::kCancelled, "the client is gone"));
  }
}

void JobWatch::OnCancel() {
  Abort(Errorf(StatusCode::kCancelled, "cancelled by the client"));
}

void JobWatch::OnDone() {
  if (watching_) board_->Unwatch(job_id_, this);
  self_.reset();
}

}  // namespace m2tts
