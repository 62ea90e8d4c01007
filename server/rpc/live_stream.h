// The reactor of one SynthesizeLive call: text comes in while audio goes out.
//
// Reading: one read is outstanding at a time. While much text waits to be read into sentences, no
// read is started, so that a client that writes faster than the listener hears is held back by gRPC's
// own flow control, and memory stays bounded. Writing is AnswerWriter's.
//
// Handing on: text is held here while the account of its client has no credit (ClientLimits) or the queue of
// the device no room (Admission::Ticket::Room), and counts for neither meanwhile. Reading goes on, so that an
// interrupt is heard: it drops what is held. What is held is looked at again whenever text has been read into
// sentences, and every 0.1 s, since time and others make room, too.
//
// Drain: no text is taken any more. What has come is said to its end, and then the call ends with
// UNAVAILABLE.
//
// Life: as AudioStream; the timer knows when it is over. A bad message ends the call with its error.
#pragma once

#include <grpcpp/alarm.h>
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

  // Hears each piece of text, for the log.
  using HearText = std::function<void(const CallScope&, const std::string&)>;

  LiveStream(SynthesisEngine* engine, grpc::CallbackServerContext* context, std::unique_ptr<CallScope> call,
             CheckConfig check, HearText hear, int64_t max_text_bytes);

 private:
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override { answer_.OnWriteDone(ok); }
  void OnCancel() override;
  void OnDone() override;

  // Shared with the timer, which may go off after the end.
  struct Timer {
    Mutex mutex;
    LiveStream* stream ABSL_GUARDED_BY(mutex) = nullptr;  // nullptr: the call is over
  };

  Status Take(const grpc::ByteBuffer& bytes);
  Status Begin(const v1::SynthesizeRequest& config);
  void Fail(const Status& status);
  void Read();
  void ReadNoMore();
  // Hands on and reads what there is room for.
  void GoOn() ABSL_LOCKS_EXCLUDED(mutex_);
  void HandOn() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // How many bytes of what is held may be handed on now; 0: none.
  size_t MayHandOn() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void LookAgain() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void OnTimer() ABSL_LOCKS_EXCLUDED(mutex_);
  void Drain() ABSL_LOCKS_EXCLUDED(mutex_);

  SynthesisEngine* const engine_;
  const CheckConfig check_;
  const HearText hear_;
  const int64_t max_text_bytes_;
  AnswerWriter answer_;
  grpc::ByteBuffer message_;

  // Set by the first message.
  std::shared_ptr<LiveText> text_;
  std::shared_ptr<SynthesisJob> job_;

  const std::shared_ptr<Timer> timer_ = std::make_shared<Timer>();
  std::shared_ptr<DrainBell::Listener> drain_;

  Mutex mutex_;
  LivePieces held_ ABSL_GUARDED_BY(mutex_);           // not handed on yet
  size_t paid_bytes_ ABSL_GUARDED_BY(mutex_) = 0;     // of these: the text of the config, from the beginning
  bool begun_ ABSL_GUARDED_BY(mutex_) = false;        // text_ and job_ are there
  bool said_all_ ABSL_GUARDED_BY(mutex_) = false;     // by its own word, before the drain
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;     // takes no text any more
  bool half_closed_ ABSL_GUARDED_BY(mutex_) = false;  // nothing comes after what is held
  bool looks_again_ ABSL_GUARDED_BY(mutex_) = false;  // the timer is set
  std::unique_ptr<grpc::Alarm> alarm_ ABSL_GUARDED_BY(mutex_);
  bool waiting_ ABSL_GUARDED_BY(mutex_) = false;   // for room, before the next read
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;  // nothing may be started any more
};

}  // namespace m2tts
