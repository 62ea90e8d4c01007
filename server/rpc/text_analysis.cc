#include "server/rpc/text_analysis.h"

#include <utility>

#include "proto/convert/text_to_proto.h"
#include "server/base/status_details.h"
#include "server/rpc/raw_message.h"

namespace m2tts {
namespace {

constexpr double kAnalysisRetrySeconds = 1.0;

}  // namespace

TextAnalysis::TextAnalysis(SynthesisEngine* engine, std::unique_ptr<CallScope> call,
                           StatusOr<Request> request, int64_t max_bytes, grpc::ByteBuffer* response)
    : call_(std::move(call)), max_bytes_(max_bytes), response_(response) {
  Status status = request.status();
  if (status.ok()) {
    const TextFrontend* const frontend = &engine->frontend();
    const size_t bytes = request->text.size();
    const bool posted =
        engine->workers().TryPost([this, frontend, bytes, request = *std::move(request)]() mutable {
          Finish(call_->End(Analyze(*frontend, std::move(request)), fmt::format("{} bytes of text", bytes)));
        });
    if (posted) return;  // the task may have deleted this
    status =
        WithRetryDelay(Errorf(StatusCode::kResourceExhausted,
                              "too many AnalyzeText calls wait; retry in {:.0f} s", kAnalysisRetrySeconds),
                       kAnalysisRetrySeconds);
  }
  Finish(call_->End(status));
}

Status TextAnalysis::Analyze(const TextFrontend& frontend, Request request) {
  const StatusOr<std::unique_ptr<SentenceReader>> reader =
      frontend.Read(std::move(request.text), request.options);
  if (!reader.ok()) return FieldError("text", std::string(reader.status().message()));
  v1::AnalyzeTextResponse answer;
  size_t bytes = 0;
  while (std::optional<Sentence> sentence = (*reader)->Next()) {
    if (cancelled_) return Errorf(StatusCode::kCancelled, "cancelled by the client");
    v1::AnalyzedSentence* analyzed = answer.add_sentences();
    *analyzed = ToProto(*sentence);
    bytes += analyzed->ByteSizeLong();
    if (bytes > static_cast<size_t>(max_bytes_)) {
      return FieldErrorf("text",
                         "its analysis does not fit one reply, which holds {} bytes; send less at a time",
                         max_bytes_);
    }
  }
  for (const TextWarning& warning : (*reader)->trailing_warnings()) *answer.add_warnings() = ToProto(warning);
  return SerializeMessage(answer, response_);
}

}  // namespace m2tts
