#include "server/rpc/live_stream.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "server/base/status_details.h"
#include "server/rpc/raw_message.h"
#include "server/rpc/request_validation.h"

namespace m2tts {
namespace {

// Of text that is not sentences yet.
constexpr size_t kEnoughBytes = 65'536;
// Handed on at a time, so that an account is not overdrawn by more.
constexpr size_t kMostBytes = 1024;
constexpr std::chrono::milliseconds kLookAgain(100);

}  // namespace

LiveStream::LiveStream(SynthesisEngine* engine, grpc::CallbackServerContext* context,
                       std::unique_ptr<CallScope> call, CheckConfig check, HearText hear,
                       int64_t max_text_bytes)
    : engine_(engine),
      check_(std::move(check)),
      hear_(std::move(hear)),
      max_text_bytes_(max_text_bytes),
      answer_(std::move(call), {[this](const auto* message) { StartWrite(message); },
                                [this](const auto* message, const grpc::Status& status) {
                                  ReadNoMore();
                                  StartWriteAndFinish(message, {}, status);
                                },
                                [this](const grpc::Status& status) {
                                  ReadNoMore();
                                  Finish(status);
                                },
                                [context] { context->TryCancel(); }}) {
  {
    MutexLock lock(&timer_->mutex);
    timer_->stream = this;
  }
  drain_ = std::make_shared<DrainBell::Listener>([timer = timer_] {
    MutexLock lock(&timer->mutex);
    if (timer->stream != nullptr) timer->stream->Drain();
  });
  if (answer_.call().status().ok()) {
    answer_.AwaitRequest();
    Read();
    answer_.call().drain_bell().Add(drain_);
  } else {
    answer_.Close(answer_.call().status());
  }
}

void LiveStream::ReadNoMore() {
  MutexLock lock(&mutex_);
  finished_ = true;
}

void LiveStream::Read() {
  MutexLock lock(&mutex_);
  if (!finished_) StartRead(&message_);
}

void LiveStream::OnReadDone(bool ok) {
  if (!ok && text_ == nullptr) {
    return answer_.Close(FieldError("config", "is required in the first message, and there was none"));
  }
  if (ok) {
    const Status status = Take(message_);
    if (!status.ok()) return Fail(status);
  }
  {
    MutexLock lock(&mutex_);
    (ok ? waiting_ : half_closed_) = true;  // else the client has said all, or is gone
    said_all_ = said_all_ || (!ok && !draining_);
  }
  GoOn();
}

void LiveStream::Drain() {
  {
    MutexLock lock(&mutex_);
    if (finished_ || said_all_) return;
    draining_ = true;
    if (begun_) {
      answer_.EndWith(Admission::Draining());
      half_closed_ = true;
    }
  }
  // A call that has not said what it wants is refused when it does; one that never does is cut.
  GoOn();
}

void LiveStream::GoOn() {
  MutexLock lock(&mutex_);
  if (finished_) return;
  HandOn();
  if (!held_.empty()) {
    LookAgain();
  } else if (std::exchange(half_closed_, false)) {
    text_->End();
  }
  if (!waiting_ || text_->pending_bytes() + held_.bytes() >= kEnoughBytes) return;
  waiting_ = false;
  StartRead(&message_);
}

size_t LiveStream::MayHandOn() const {
  const size_t bytes = std::min(held_.first_bytes(), kMostBytes);
  if (paid_bytes_ > 0) return job_->Room(std::min(bytes, paid_bytes_));
  const auto& client = job_->request().client_ticket;
  if (client != nullptr && !client->HasCredit(std::chrono::steady_clock::now())) return 0;
  return job_->Room(bytes);
}

void LiveStream::HandOn() {
  while (!held_.empty()) {
    size_t bytes = 0;  // a flush alone costs nothing
    if (held_.first_bytes() > 0 && (bytes = MayHandOn()) == 0) return;
    const LivePieces::Piece piece = held_.Take(bytes);
    const size_t paid = std::min(paid_bytes_, piece.text.size());
    paid_bytes_ -= paid;
    const auto& client = job_->request().client_ticket;
    if (client != nullptr) client->Spend(piece.text.size() - paid);
    if (!piece.text.empty()) job_->Extend(piece.text.size());
    text_->Append(piece.text, piece.flush);
  }
}

void LiveStream::LookAgain() {
  if (std::exchange(looks_again_, true)) return;
  alarm_ = std::make_unique<grpc::Alarm>();  // one that has gone off may still be in its callback
  alarm_->Set(std::chrono::system_clock::now() + kLookAgain, [timer = timer_](bool) {
    MutexLock lock(&timer->mutex);
    if (timer->stream != nullptr) timer->stream->OnTimer();
  });
}

void LiveStream::OnTimer() {
  {
    MutexLock lock(&mutex_);
    looks_again_ = false;
  }
  GoOn();
}

Status LiveStream::Take(const grpc::ByteBuffer& bytes) {
  M2TTS_ASSIGN_OR_RETURN(const auto message, ParseMessage<v1::SynthesizeLiveRequest>(bytes));
  if (message.has_config() == (text_ != nullptr)) {
    return FieldError("config", text_ == nullptr ? "is required in the first message"
                                                 : "may stand only in the first message");
  }
  if (!message.text().empty()) M2TTS_RETURN_IF_ERROR(ValidateText(message.text(), max_text_bytes_));
  if (message.has_config()) M2TTS_RETURN_IF_ERROR(Begin(message.config()));
  if (!message.text().empty()) hear_(answer_.call(), message.text());
  MutexLock lock(&mutex_);
  if (message.interrupt()) {
    held_.Clear();
    paid_bytes_ = 0;
    text_->Interrupt();
    job_->Interrupt();
  }
  if (draining_) return OkStatus();  // an interrupt is heard all the same
  if (message.has_config()) paid_bytes_ = message.config().text().size();
  std::string text = message.config().text() + message.text();
  if (!text.empty() || message.flush()) held_.Add({std::move(text), message.flush()});
  return OkStatus();
}

Status LiveStream::Begin(const v1::SynthesizeRequest& config) {
  M2TTS_ASSIGN_OR_RETURN(SynthesisRequest request, check_(answer_.call(), config));
  M2TTS_ASSIGN_OR_RETURN(SynthesisEngine::LiveRequest live,
                         engine_->PrepareLive(std::move(request), &answer_));
  text_ = std::move(live.text);
  job_ = std::move(live.job);
  text_->OnRoom([this] { GoOn(); });
  answer_.SetRequest(job_);
  {
    MutexLock lock(&mutex_);
    begun_ = true;
    if (draining_) {  // just now
      answer_.EndWith(Admission::Draining());
      half_closed_ = true;
    }
  }
  engine_->Run(job_);
  return OkStatus();
}

void LiveStream::Fail(const Status& status) {
  if (job_ != nullptr) {
    job_->Cancel(status);
  } else {
    answer_.Close(status);
  }
}

void LiveStream::OnCancel() {
  answer_.OnCancel();
}

void LiveStream::OnDone() {
  if (text_ != nullptr) text_->OnRoom(nullptr);
  {
    MutexLock lock(&timer_->mutex);
    timer_->stream = nullptr;
  }
  delete this;
}

}  // namespace m2tts
