// The reactor of one SynthesizeLive call: text comes in while audio goes out.
//
// Reading: one read is outstanding at a time. While much text waits to be read into sentences, no
// read is started, so that a client that writes faster than the listener hears is held back by gRPC's
// own flow control, and memory stays bounded. Writing is AnswerWriter's.
//
// Life: as AudioStream. A bad message ends the call with its error.
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <functional>
#include <memory>

#include "core/base/mutex.h"
#include "server/rpc/answer_writer.h"
#include "server/synthesis/live_text.h"
#include "server/synthesis/synthesis_engine.h"

namespace m2tts {

class LiveStream : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  // Turns the settings of the first message into a request.
  using CheckConfig =
      std::function<StatusOr<SynthesisRequest>(const CallScope&, const v1::SynthesizeRequest&)>;

  LiveStream(SynthesisEngine* engine, grpc::CallbackServerContext* context, std::unique_ptr<CallScope> call,
             CheckConfig check, int64_t max_text_bytes);

 private:
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override { answer_.OnWriteDone(ok); }
  void OnCancel() override;
  void OnDone() override;

  Status Take(const grpc::ByteBuffer& bytes);
  Status Begin(const v1::SynthesizeRequest& config);
  void Fail(const Status& status);
  void Read();
  void ReadNoMore();
  void ReadIfRoom();

  SynthesisEngine* const engine_;
  const CheckConfig check_;
  const int64_t max_text_bytes_;
  AnswerWriter answer_;
  grpc::ByteBuffer message_;

  // Set by the first message.
  std::shared_ptr<LiveText> text_;
  std::shared_ptr<SynthesisJob> job_;

  Mutex mutex_;
  bool waiting_ ABSL_GUARDED_BY(mutex_) = false;   // for room, before the next read
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;  // nothing may be started any more
};

}  // namespace m2tts
