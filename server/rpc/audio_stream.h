// The reactor of one SynthesizeStream call: sends what its job makes, as fast as the client reads.
//
// Flow control: one write is outstanding at a time, and the next starts from OnWriteDone.
// Every message that has gone is reported to the job, which makes no more than a bounded
// number of seconds ahead: a slow reader suspends its own job, and nothing else.
//
// Life: deletes itself in OnDone, which gRPC calls after Finish; Finish is called only when
// the job has reported its end, so that the job never talks to a sink that is gone.
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <deque>
#include <memory>

#include "core/base/mutex.h"
#include "m2tts/v1/synthesizer.pb.h"
#include "server/rpc/call_tracker.h"
#include "server/synthesis/audio_sink.h"
#include "server/synthesis/synthesis_engine.h"

namespace m2tts {

class AudioStream : public grpc::ServerWriteReactor<grpc::ByteBuffer>, public AudioSink {
 public:
  // Ends at once with the error of `request`, if it has one.
  AudioStream(SynthesisEngine* engine, std::unique_ptr<CallScope> call, StatusOr<SynthesisRequest> request);

 private:
  struct Message {
    grpc::ByteBuffer bytes;
    double audio_seconds = 0.0;
  };

  // From the job.
  void OnChunk(EncodedChunk chunk) override;
  void OnDone(const Status& status, const SynthesisReport& report) override;
  // From gRPC.
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  void Enqueue(const v1::SynthesizeStreamResponse& response, double audio_seconds);
  void Close(const Status& status, const std::string& what);
  void Pump();

  const std::unique_ptr<CallScope> call_;
  std::shared_ptr<RunningRequest> job_;  // set in the constructor
  bool header_sent_ = false;             // used by the job's thread

  Mutex mutex_;
  std::deque<Message> queue_ ABSL_GUARDED_BY(mutex_);
  Message current_ ABSL_GUARDED_BY(mutex_);  // being written
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool broken_ ABSL_GUARDED_BY(mutex_) = false;  // the client is gone
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;  // the job has ended
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::Status status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace m2tts
