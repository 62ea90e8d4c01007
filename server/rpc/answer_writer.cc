#include "server/rpc/answer_writer.h"

#include <utility>

#include "server/rpc/proto_convert.h"
#include "server/rpc/raw_message.h"

namespace m2tts {

AnswerWriter::AnswerWriter(std::unique_ptr<CallScope> call, Reactor reactor)
    : call_(std::move(call)), reactor_(std::move(reactor)), watched_(call_->write_watch().Add(reactor_.cut)) {
  call_->CountAsStream();
}

AnswerWriter::~AnswerWriter() {
  watched_->End();
}

void AnswerWriter::SetRequest(std::shared_ptr<RunningRequest> request) {
  watched_->SetRequest(request);
  watched_->WriteEnds();  // if it was awaited
  {
    MutexLock lock(&mutex_);
    request_ = request;
    if (!cancelled_) return;
  }
  request->Cancel(Errorf(StatusCode::kCancelled, "cancelled by the client"));
}

std::shared_ptr<RunningRequest> AnswerWriter::request() const {
  MutexLock lock(&mutex_);
  return request_;
}

void AnswerWriter::SendHeader() {
  if (std::exchange(header_sent_, true)) return;
  v1::SynthesizeStreamResponse response;
  *response.mutable_header() = ToHeader(request()->request());
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
    Enqueue(response, static_cast<double>(chunk.sample_count) / request()->request().sample_rate);
  }
  for (const LiveEvent& event : chunk.events) {
    v1::SynthesizeStreamResponse response;
    *response.mutable_event() = ToLiveEvent(event);
    Enqueue(response, kLiveEventSeconds);
  }
}

void AnswerWriter::OnDone(const Status& status, const SynthesisReport& report) {
  std::optional<Message> summary;
  if (status.ok()) {
    SendHeader();
    v1::SynthesizeStreamResponse response;
    *response.mutable_summary() = ToSummary(report);
    summary = ToMessage(response, 0.0);
  }
  CloseAfter(std::move(summary), status,
             fmt::format("{} bytes of text, {:.2f} s of audio, first after {:.3f} s, device {:.3f} s",
                         request()->request().text.size(), report.audio_seconds, report.first_audio_seconds,
                         report.device_seconds));
}

std::optional<AnswerWriter::Message> AnswerWriter::ToMessage(const v1::SynthesizeStreamResponse& response,
                                                             double audio_seconds) {
  Message message;
  message.audio_seconds = audio_seconds;
  const Status status = SerializeMessage(response, &message.bytes);
  if (status.ok()) return message;
  request()->Cancel(status);
  return std::nullopt;
}

void AnswerWriter::Enqueue(const v1::SynthesizeStreamResponse& response, double audio_seconds) {
  auto message = ToMessage(response, audio_seconds);
  if (!message.has_value()) return;
  Next next;
  {
    MutexLock lock(&mutex_);
    queue_.push_back(*std::move(message));
    next = ChooseNext();
  }
  if (next.something()) Do(next);
}

void AnswerWriter::EndWith(const Status& status) {
  MutexLock lock(&mutex_);
  good_end_ = status;
}

void AnswerWriter::Close(const Status& status, const std::string& what) {
  CloseAfter(std::nullopt, status, what);
}

void AnswerWriter::CloseAfter(std::optional<Message> last, const Status& status, const std::string& what) {
  Next next;
  {
    MutexLock lock(&mutex_);
    if (last.has_value()) queue_.push_back(*std::move(last));
    closed_ = true;
    status_ = call_->End(status.ok() ? good_end_ : status, what);
    if (!status.ok()) queue_.clear();
    next = ChooseNext();
  }
  if (next.something()) Do(next);
}

// The next write or the end, if it is time. Whoever gets one must Do it: nobody else will.
AnswerWriter::Next AnswerWriter::ChooseNext() {
  Next next;
  if (writing_ || finished_) return next;
  if (!queue_.empty() && !broken_) {
    current_ = std::move(queue_.front());
    queue_.pop_front();
    writing_ = true;
    watched_->WriteBegins();
    next.write = &current_.bytes;
  }
  if (closed_ && (queue_.empty() || broken_)) {
    finished_ = true;
    next.finish = status_;
  }
  return next;
}

// Once the answer is closed and the lock given up, only the thread with something to do may touch this:
// the end of another's write can finish the call, and delete it.
void AnswerWriter::Do(const Next& next) {
  // Before the client can know: its next request may need the place.
  if (const auto ended = next.finish.has_value() ? request() : nullptr) ended->LeavePlace();
  if (next.write != nullptr && next.finish.has_value()) {
    reactor_.write_and_finish(next.write, *next.finish);
  } else if (next.write != nullptr) {
    reactor_.start_write(next.write);
  } else if (next.finish.has_value()) {
    reactor_.finish(*next.finish);
  }
}

void AnswerWriter::OnWriteDone(bool ok) {
  std::shared_ptr<RunningRequest> request;
  double seconds = 0.0;
  Next next;
  {
    MutexLock lock(&mutex_);
    request = request_;
    seconds = current_.audio_seconds;
    current_ = {};
    writing_ = false;
    watched_->WriteEnds();
    broken_ = broken_ || !ok;
    next = ChooseNext();
  }
  if (ok) {
    request->OnDelivered(seconds);
  } else {
    request->Cancel(Errorf(StatusCode::kCancelled, "the client is gone"));
  }
  if (next.something()) Do(next);
}

void AnswerWriter::OnCancel() {
  std::shared_ptr<RunningRequest> request;
  {
    MutexLock lock(&mutex_);
    cancelled_ = true;
    request = request_;
  }
  if (request != nullptr) request->Cancel(Errorf(StatusCode::kCancelled, "cancelled by the client"));
}

}  // namespace m2tts
