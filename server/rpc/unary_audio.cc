#include "server/rpc/unary_audio.h"

#include <utility>

#include "server/base/status_details.h"
#include "server/rpc/proto_convert.h"
#include "server/rpc/raw_message.h"
#include "server/synthesis/wav_header.h"

namespace m2tts {
namespace {

// At least; the compressed ones take about a fifth of 16-bit PCM.
double BytesPerSample(AudioEncoding encoding) {
  switch (encoding) {
    case AudioEncoding::kPcmF32:
      return 4.0;
    case AudioEncoding::kMulaw:
    case AudioEncoding::kAlaw:
      return 1.0;
    case AudioEncoding::kOggOpus:
    case AudioEncoding::kMp3:
      return 0.2;
    default:
      return 2.0;
  }
}

}  // namespace

UnaryAudio::UnaryAudio(SynthesisEngine* engine, grpc::CallbackServerContext* context,
                       std::unique_ptr<CallScope> call, StatusOr<SynthesisRequest> request, int64_t max_bytes,
                       grpc::ByteBuffer* response)
    : call_(std::move(call)),
      watched_(call_->write_watch().Add([context] { context->TryCancel(); })),
      max_bytes_(max_bytes),
      response_(response) {
  Status status = request.status();
  if (status.ok()) status = call_->CheckUnread();
  if (status.ok()) {
    // Refused before it is spoken is only what is too long by any measure; of SSML nobody knows how much is
    // text.
    const double seconds = engine->admission().PredictLeast(request->text.size(), request->speed);
    const double bytes = seconds * request->sample_rate * BytesPerSample(request->encoding);
    if (!request->read.ssml && bytes > static_cast<double>(max_bytes_)) status = TooLong();
  }
  if (status.ok()) {
    auto job = engine->Prepare(*std::move(request), this);
    status = job.status();
    if (job.ok()) job_ = *std::move(job);
  }
  if (status.ok()) {
    engine->Run(job_);
  } else {
    // Before the client can know: its next request may need the place. Prepare has given back what it
    // refused.
    if (request.ok()) request->client_ticket.reset();  // NOLINT(bugprone-use-after-move)
    Finish(call_->End(status));
  }
}

Status UnaryAudio::TooLong() const {
  return FieldErrorf("text",
                     "its audio does not fit one reply, which holds {} bytes; use SynthesizeStream, or send "
                     "less text at a time",
                     max_bytes_);
}

void UnaryAudio::OnChunk(EncodedChunk chunk) {
  answer_.mutable_audio()->append(chunk.bytes);
  for (const SpokenWord& word : chunk.words) *answer_.add_words() = ToWordTiming(word);
  for (const SpokenMark& mark : chunk.marks) *answer_.add_marks() = ToMarkTiming(mark);
  for (const SpokenSentence& sentence : chunk.sentences)
    *answer_.add_sentences() = ToSentenceTiming(sentence);
  if (static_cast<int64_t>(answer_.audio().size()) > max_bytes_) job_->Cancel(TooLong());
  // Taken: the device stays no further ahead of the encoder than of any reader.
  job_->OnDelivered(static_cast<double>(chunk.sample_count) / job_->request().sample_rate);
}

void UnaryAudio::OnDone(const Status& status, const SynthesisReport& report) {
  Status result = status;
  // The last chunk may have been the one too many.
  if (result.ok() && static_cast<int64_t>(answer_.audio().size()) > max_bytes_) result = TooLong();
  if (result.ok()) {
    const SynthesisRequest& request = job_->request();
    *answer_.mutable_header() = ToHeader(request);
    *answer_.mutable_summary() = ToSummary(report);
    if (request.encoding == AudioEncoding::kWav) SetWavSizes(answer_.mutable_audio());
    result = SerializeMessage(answer_, response_);
  }
  answer_ = v1::SynthesizeResponse();  // only the reply waits for its reader
  job_->LeavePlace();
  watched_->WriteBegins(static_cast<int64_t>(response_->Length()));  // ends with the call
  Finish(call_->End(
      result, fmt::format("{} bytes of text, {:.2f} s of audio, device {:.3f} s", job_->request().text.size(),
                          report.audio_seconds, report.device_seconds)));
}

void UnaryAudio::OnCancel() {
  if (job_ != nullptr) job_->Cancel(Errorf(StatusCode::kCancelled, "cancelled by the client"));
}

void UnaryAudio::OnDone() {
  watched_->End();
  delete this;
}

}  // namespace m2tts
