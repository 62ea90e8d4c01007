#include "server/rpc/text_analysis.h"

#include <utility>

#include "proto/convert/text_to_proto.h"
#include "server/base/status_details.h"
#include "server/rpc/raw_message.h"

namespace m2tts {
namespace {

// How long the texts are that wait, nobody has looked at yet.
constexpr double kAnalysisRetrySeconds = 1.0;

}  // namespace

TextAnalysis::TextAnalysis(SynthesisEngine* engine, grpc::CallbackServerContext* context,
                           std::unique_ptr<CallScope> call, StatusOr<Request> request, int64_t max_bytes,
                           grpc::ByteBuffer* response)
    : engine_(engine),
      call_(std::move(call)),
      watched_(call_->write_watch().Add([context] { context->TryCancel(); })),
      max_bytes_(max_bytes),
      response_(response) {
  Status status = request.status();
  if (status.ok()) {
    request_ = *std::move(request);
    text_bytes_ = request_.text.size();
    status = call_->CheckUnread();
  }
  if (status.ok()) {
    if (engine_->analysts().TryPost([this] { Step(); })) return;  // the task may have deleted this
    status =
        WithRetryDelay(Errorf(StatusCode::kResourceExhausted,
                              "too many AnalyzeText calls wait; retry in {:.0f} s", kAnalysisRetrySeconds),
                       kAnalysisRetrySeconds);
  }
  Complete(status);
}

void TextAnalysis::Complete(const Status& status) {
  // Before the client can know: its next request may need the place.
  request_.client_ticket.reset();
  // Only the reply waits for its reader.
  answer_ = v1::AnalyzeTextResponse();
  reader_.reset();
  watched_->WriteBegins(static_cast<int64_t>(response_->Length()));  // ends with the call
  Finish(call_->End(status, fmt::format("{} bytes of text", text_bytes_)));
}

void TextAnalysis::OnDone() {
  watched_->End();
  delete this;
}

void TextAnalysis::Step() {
  if (const auto status = ReadOne()) return Complete(*status);
  engine_->analysts().PostAgain([this] { Step(); });
}

std::optional<Status> TextAnalysis::ReadOne() {
  if (cancelled_) return Errorf(StatusCode::kCancelled, "cancelled by the client");
  if (reader_ == nullptr) {
    auto reader = engine_->frontend().Read(std::move(request_.text), request_.options);
    if (!reader.ok()) return FieldError("text", std::string(reader.status().message()));
    reader_ = *std::move(reader);
  }
  if (const std::optional<Sentence> sentence = reader_->Next()) {
    v1::AnalyzedSentence* const analyzed = answer_.add_sentences();
    *analyzed = ToProto(*sentence);
    answer_bytes_ += analyzed->ByteSizeLong();
    if (answer_bytes_ <= static_cast<size_t>(max_bytes_)) return std::nullopt;
    return FieldErrorf(
        "text", "its analysis does not fit one reply, which holds {} bytes; send less at a time", max_bytes_);
  }
  for (const TextWarning& warning : reader_->trailing_warnings()) *answer_.add_warnings() = ToProto(warning);
  return SerializeMessage(answer_, response_);
}

}  // namespace m2tts
