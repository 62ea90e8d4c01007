// The writing half of a streamed answer: turns what a job makes into messages, and sends them as fast as
// the client reads.
//
// Flow control: one write is outstanding at a time, and the next starts from OnWriteDone. Every message
// that has gone is reported to the job, which makes no more than a bounded number of seconds
// ahead: a slow reader suspends its own job, and nothing else. One that takes nothing is given up by the
// WriteWatch.
//
// The summary goes with the end of the call: one wake-up less for both sides.
//
// Life: belongs to a reactor, whose StartWrite and Finish it calls. Finish is called once, only when the
// job has reported its end (or there is none), so that the job never talks to a sink that is gone;
// the reactor deletes itself in its OnDone.
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/status.h>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/base/mutex.h"
#include "m2tts/v1/synthesizer.pb.h"
#include "server/rpc/call_tracker.h"
#include "server/synthesis/audio_sink.h"
#include "server/synthesis/running_request.h"

namespace m2tts {

class AnswerWriter : public AudioSink {
 public:
  struct Reactor {
    std::function<void(const grpc::ByteBuffer*)> start_write;
    // The last message and the end in one; no OnWriteDone follows.
    std::function<void(const grpc::ByteBuffer*, const grpc::Status&)> write_and_finish;
    std::function<void(const grpc::Status&)> finish;
    std::function<void()> cut;  // see WatchedCall
  };
  AnswerWriter(std::unique_ptr<CallScope> call, Reactor reactor);
  ~AnswerWriter() override;

  // The request comes in the client's first message, which is waited for as long as for a reader.
  void AwaitRequest() { watched_->WriteBegins(); }
  // Before the request is started; once. A client that has gone already cancels it.
  void SetRequest(std::shared_ptr<RunningRequest> request) ABSL_LOCKS_EXCLUDED(mutex_);
  // An answer that ends well ends the call with `status`: all of it was said, but not all that the client had
  // in mind.
  void EndWith(const Status& status) ABSL_LOCKS_EXCLUDED(mutex_);
  // Ends the call without a request, or after it.
  void Close(const Status& status, const std::string& what = "");
  const CallScope& call() const { return *call_; }

  // From gRPC.
  void OnWriteDone(bool ok);
  void OnCancel();

  // From the job.
  void OnChunk(EncodedChunk chunk) override;
  void OnDone(const Status& status, const SynthesisReport& report) override;

 private:
  struct Message {
    grpc::ByteBuffer bytes;
    double audio_seconds = 0.0;
  };

  // What is to be done next, chosen with the lock and done without it. With nothing to do this may be gone
  // already.
  struct Next {
    bool something() const { return write != nullptr || finish.has_value(); }
    const grpc::ByteBuffer* write = nullptr;
    std::optional<grpc::Status> finish;
  };

  void SendHeader();
  // nullopt, and the request is cancelled, when it cannot be written.
  std::optional<Message> ToMessage(const v1::SynthesizeStreamResponse& response, double audio_seconds);
  void Enqueue(const v1::SynthesizeStreamResponse& response, double audio_seconds)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void CloseAfter(std::optional<Message> last, const Status& status, const std::string& what)
      ABSL_LOCKS_EXCLUDED(mutex_);
  Next ChooseNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Do(const Next& next) ABSL_LOCKS_EXCLUDED(mutex_);
  std::shared_ptr<RunningRequest> request() const ABSL_LOCKS_EXCLUDED(mutex_);

  const std::unique_ptr<CallScope> call_;
  const Reactor reactor_;
  const std::shared_ptr<WatchedCall> watched_;
  bool header_sent_ = false;  // used by the job's thread

  mutable Mutex mutex_;
  std::shared_ptr<RunningRequest> request_ ABSL_GUARDED_BY(mutex_);
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<Message> queue_ ABSL_GUARDED_BY(mutex_);
  Message current_ ABSL_GUARDED_BY(mutex_);  // being written
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool broken_ ABSL_GUARDED_BY(mutex_) = false;  // the client is gone
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  Status good_end_ ABSL_GUARDED_BY(mutex_);
  grpc::Status status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace m2tts
