#include "server/rpc/answer_writer.h"

#include <utility>

#include "server/rpc/proto_convert.h"
#include "server/rpc/raw_message.h"

namespace m2tts {

AnswerWriter::AnswerWriter(std::unique_ptr<CallScope> call, Reactor reactor)
    : call_(std::move(call)), reactor_(std::move(reactor)) {}

void AnswerWriter::SendHeader() {
  if (std::exchange(header_sent_, true)) return;
  v1::SynthesizeStreamResponse response;
  *response.mutable_header() = ToHeader(request_->request());
  Enqueue(response, 0.0);
}

void AnswerWriter::OnChunk(EncodedChunk chunk) {
  SendHeader();
  if (!chunk.bytes.empty()) {
    v1::SynthesizeStreamResponse response;
    v1::AudioChunk* proto = response.mutable_chunk();
    proto->set_audio(std::move(chunk.bytes));
    proto->set_first_sample(chunk.first_sample);
    proto->set_sample_count(chunk.sample_count);
    for (const SpokenWord& word : chunk.words) *proto->add_words() = ToWordTiming(word);
    for (const SpokenMark& mark : chunk.marks) *proto->add_marks() = ToMarkTiming(mark);
    for (const SpokenSentence& sentence : chunk.sentences) {
      *proto->add_sentences() = ToSentenceTiming(sentence);
    }
    Enqueue(response, static_cast<double>(chunk.sample_count) / request_->request().sample_rate);
  }
  for (const LiveEvent& event : chunk.events) {
    v1::SynthesizeStreamResponse response;
    *response.mutable_event() = ToLiveEvent(event);
    Enqueue(response, 0.0);
  }
}

void AnswerWriter::OnDone(const Status& status, const SynthesisReport& report) {
  if (status.ok()) {
    SendHeader();
    v1::SynthesizeStreamResponse response;
    *response.mutable_summary() = ToSummary(report);
    Enqueue(response, 0.0);
  }
  Close(status, fmt::format("{} bytes of text, {:.2f} s of audio, first after {:.3f} s, device {:.3f} s",
                            request_->request().text.size(), report.audio_seconds, report.first_audio_seconds,
                            report.device_seconds));
}

void AnswerWriter::Enqueue(const v1::SynthesizeStreamResponse& response, double audio_seconds) {
  Message message;
  message.audio_seconds = audio_seconds;
  const Status status = SerializeMessage(response, &message.bytes);
  if (!status.ok()) return request_->Cancel(status);
  {
    MutexLock lock(&mutex_);
    queue_.push_back(std::move(message));
  }
  Pump();
}

void AnswerWriter::Close(const Status& status, const std::string& what) {
  {
    MutexLock lock(&mutex_);
    closed_ = true;
    status_ = call_->End(status, what);
    if (!status.ok()) queue_.clear();
  }
  Pump();
}

// Starts the next write or the end, if it is time. Touches nothing after: either may let
// another thread delete this.
void AnswerWriter::Pump() {
  const grpc::ByteBuffer* write = nullptr;
  grpc::Status status;
  {
    MutexLock lock(&mutex_);
    if (writing_ || finished_) return;
    if (!queue_.empty() && !broken_) {
      current_ = std::move(queue_.front());
      queue_.pop_front();
      writing_ = true;
      write = &current_.bytes;
    } else if (closed_) {
      finished_ = true;
      status = status_;
    } else {
      return;
    }
  }
  if (write != nullptr) {
    reactor_.start_write(write);
  } else {
    reactor_.finish(status);
  }
}

void AnswerWriter::OnWriteDone(bool ok) {
  double seconds = 0.0;
  {
    MutexLock lock(&mutex_);
    writing_ = false;
    broken_ = broken_ || !ok;
    seconds = current_.audio_seconds;
    current_ = {};
  }
  if (ok) {
    request_->OnDelivered(seconds);
  } else {
    request_->Cancel(Errorf(StatusCode::kCancelled, "the client is gone"));
  }
  Pump();
}

void AnswerWriter::OnCancel() {
  if (request_ != nullptr) request_->Cancel(Errorf(StatusCode::kCancelled, "cancelled by the client"));
}

}  // namespace m2tts
