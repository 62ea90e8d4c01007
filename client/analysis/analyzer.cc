#include "client/analysis/analyzer.h"

#include <optional>
#include <utility>

#include "core/base/install_paths.h"
#include "core/text/frontend.h"
#include "proto/convert/text_to_proto.h"

namespace m2tts {
namespace {

class DaemonAnalyzer : public Analyzer {
 public:
  explicit DaemonAnalyzer(SynthesisClient* client) : client_(client) {}

  StatusOr<v1::AnalyzeTextResponse> Analyze(const v1::AnalyzeTextRequest& request) override {
    return client_->AnalyzeText(request);
  }

 private:
  SynthesisClient* const client_;
};

class OfflineAnalyzer : public Analyzer {
 public:
  explicit OfflineAnalyzer(std::unique_ptr<TextFrontend> frontend) : frontend_(std::move(frontend)) {}

  StatusOr<v1::AnalyzeTextResponse> Analyze(const v1::AnalyzeTextRequest& request) override {
    M2TTS_ASSIGN_OR_RETURN(const auto reader, frontend_->Read(request.text()));
    v1::AnalyzeTextResponse answer;
    while (const std::optional<Sentence> sentence = reader->Next())
      *answer.add_sentences() = ToProto(*sentence);
    for (const TextWarning& warning : reader->trailing_warnings()) *answer.add_warnings() = ToProto(warning);
    return answer;
  }

 private:
  const std::unique_ptr<TextFrontend> frontend_;
};

}  // namespace

std::unique_ptr<Analyzer> MakeDaemonAnalyzer(SynthesisClient* client) {
  return std::make_unique<DaemonAnalyzer>(client);
}

StatusOr<std::unique_ptr<Analyzer>> MakeOfflineAnalyzer(std::filesystem::path lexicon) {
  TextFrontendOptions options;
  options.lexicon_path = lexicon.empty() ? FindInstallPaths().lexicon : std::move(lexicon);
  M2TTS_ASSIGN_OR_RETURN(std::unique_ptr<TextFrontend> frontend, TextFrontend::Create(options));
  return std::make_unique<OfflineAnalyzer>(std::move(frontend));
}

}  // namespace m2tts
