#include "server/rpc/live_stream.h"

#include <utility>

#include "server/base/status_details.h"
#include "server/rpc/raw_message.h"
#include "server/rpc/request_validation.h"

namespace m2tts {
namespace {

// Of text that is not sentences yet.
constexpr size_t kEnoughBytes = 65'536;

}  // namespace

LiveStream::LiveStream(SynthesisEngine* engine, grpc::CallbackServerContext* context,
                       std::unique_ptr<CallScope> call, CheckConfig check, int64_t max_text_bytes)
    : engine_(engine),
      check_(std::move(check)),
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
  if (answer_.call().status().ok()) {
    Read();
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
  if (!ok) {  // the client has said all, or is gone
    if (text_ != nullptr) return text_->End();
    return answer_.Close(FieldError("config", "is required in the first message, and there was none"));
  }
  const Status status = Take(message_);
  if (!status.ok()) return Fail(status);
  {
    MutexLock lock(&mutex_);
    waiting_ = true;
  }
  ReadIfRoom();
}

void LiveStream::ReadIfRoom() {
  MutexLock lock(&mutex_);
  if (finished_ || !waiting_ || text_->pending_bytes() >= kEnoughBytes) return;
  waiting_ = false;
  StartRead(&message_);
}

Status LiveStream::Take(const grpc::ByteBuffer& bytes) {
  M2TTS_ASSIGN_OR_RETURN(const auto message, ParseMessage<v1::SynthesizeLiveRequest>(bytes));
  if (message.has_config() == (text_ != nullptr)) {
    return FieldError("config", text_ == nullptr ? "is required in the first message"
                                                 : "may stand only in the first message");
  }
  if (!message.text().empty()) M2TTS_RETURN_IF_ERROR(ValidateText(message.text(), max_text_bytes_));
  if (message.has_config()) M2TTS_RETURN_IF_ERROR(Begin(message.config()));
  if (message.interrupt()) {
    text_->Interrupt();
    job_->Interrupt();
  }
  const std::string text = message.config().text() + message.text();
  job_->Extend(text.size());
  const auto& ticket = job_->request().client_ticket;  // the text of the config is paid for
  if (ticket != nullptr) ticket->Spend(message.text().size());
  if (!text.empty() || message.flush()) text_->Append(text, message.flush());
  return OkStatus();
}

Status LiveStream::Begin(const v1::SynthesizeRequest& config) {
  M2TTS_ASSIGN_OR_RETURN(SynthesisRequest request, check_(answer_.call(), config));
  M2TTS_ASSIGN_OR_RETURN(SynthesisEngine::LiveRequest live,
                         engine_->PrepareLive(std::move(request), &answer_));
  text_ = std::move(live.text);
  job_ = std::move(live.job);
  text_->OnRoom([this] { ReadIfRoom(); });
  answer_.SetRequest(job_);
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
  delete this;
}

}  // namespace m2tts
