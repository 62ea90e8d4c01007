#include "client/analysis/analyzer.h"

#include <optional>
#include <utility>

#include "core/base/install_paths.h"
#include "core/text/frontend.h"
#include "proto/convert/text_from_proto.h"
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
  OfflineAnalyzer(std::unique_ptr<TextFrontend> frontend, ReadOptions options)
      : frontend_(std::move(frontend)), options_(std::move(options)) {}

  StatusOr<v1::AnalyzeTextResponse> Analyze(const v1::AnalyzeTextRequest& request) override {
    M2TTS_ASSIGN_OR_RETURN(const auto reader, frontend_->Read(request.text(), options_));
    v1::AnalyzeTextResponse answer;
    while (const std::optional<Sentence> sentence = reader->Next())
      *answer.add_sentences() = ToProto(*sentence);
    for (const TextWarning& warning : reader->trailing_warnings()) *answer.add_warnings() = ToProto(warning);
    return answer;
  }

 private:
  const std::unique_ptr<TextFrontend> frontend_;
  const ReadOptions options_;
};

}  // namespace

std::unique_ptr<Analyzer> MakeDaemonAnalyzer(SynthesisClient* client) {
  return std::make_unique<DaemonAnalyzer>(client);
}

StatusOr<std::unique_ptr<Analyzer>> MakeOfflineAnalyzer(std::filesystem::path lexicon,
                                                        const v1::TextOptions& options) {
  M2TTS_ASSIGN_OR_RETURN(ReadOptions read, FromProto(options, TextStyle()));
  TextFrontendOptions frontend_options;
  frontend_options.lexicon_path = lexicon.empty() ? FindInstallPaths().lexicon : std::move(lexicon);
  M2TTS_ASSIGN_OR_RETURN(std::unique_ptr<TextFrontend> frontend, TextFrontend::Create(frontend_options));
  return std::make_unique<OfflineAnalyzer>(std::move(frontend), std::move(read));
}

}  // namespace m2tts
