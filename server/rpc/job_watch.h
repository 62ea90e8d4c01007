// The reactor of one WatchJob call: replays a job's events, then follows until the job has ended.
//
// Events are read from the store when they can be written, one write at a time: a slow watcher holds no
// queue, and finds fewer events of progress when it comes to them, but every transition.
//
// Life: holds itself until gRPC's OnDone.
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <deque>
#include <memory>
#include <string>

#include "core/base/mutex.h"
#include "m2tts/v1/training.pb.h"
#include "server/jobs/job_board.h"
#include "server/rpc/call_tracker.h"
#include "server/synthesis/worker_pool.h"

namespace m2tts {

class JobWatch : public grpc::ServerWriteReactor<grpc::ByteBuffer>,
                 public JobWatcher,
                 public std::enable_shared_from_this<JobWatch> {
 public:
  // Board and pool must outlive the call. Ends at once with the error of `request`, if it has one.
  static JobWatch* Start(JobBoard* board, WorkerPool* pool, std::unique_ptr<CallScope> call,
                         const Status& request, const std::string& job_id, int64_t from_sequence);

 private:
  JobWatch(JobBoard* board, WorkerPool* pool, std::unique_ptr<CallScope> call, std::string job_id)
      : board_(board), pool_(pool), call_(std::move(call)), job_id_(std::move(job_id)) {}

  // From the board.
  void OnNews() override;
  void OnClose() override;
  // From gRPC.
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  void Begin(const Status& request, int64_t from_sequence);
  // Writes the next event, or reads more, or ends.
  void Pump();
  // Fills queue_, or sets over_.
  void Read() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // As soon as nothing is being written.
  void Abort(const Status& status) ABSL_LOCKS_EXCLUDED(mutex_);
  void End(const Status& status) ABSL_LOCKS_EXCLUDED(mutex_);

  JobBoard* const board_;
  WorkerPool* const pool_;
  const std::unique_ptr<CallScope> call_;
  const std::string job_id_;
  std::shared_ptr<JobWatch> self_;  // until OnDone
  bool watching_ = false;           // set in Begin

  Mutex mutex_;
  int64_t next_ ABSL_GUARDED_BY(mutex_) = 1;          // sequence to read from
  int64_t replay_until_ ABSL_GUARDED_BY(mutex_) = 0;  // up to there nothing is left out
  std::deque<v1::JobEvent> queue_ ABSL_GUARDED_BY(mutex_);
  grpc::ByteBuffer current_ ABSL_GUARDED_BY(mutex_);  // being written
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool over_ ABSL_GUARDED_BY(mutex_) = false;   // nothing more follows
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;  // Finish was called, or is about to be
  Status status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace m2tts
