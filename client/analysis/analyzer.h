// Who answers `m2tts analyze`: the daemon, or the same front end linked into the client.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "client/synthesis_client.h"
#include "core/base/status.h"
#include "m2tts/v1/synthesizer.pb.h"

namespace m2tts {

// One thread at a time.
class Analyzer {
 public:
  virtual ~Analyzer() = default;
  // Text with nothing to say gives no sentences. INVALID_ARGUMENT names the byte of bad input.
  virtual StatusOr<v1::AnalyzeTextResponse> Analyze(const v1::AnalyzeTextRequest& request) = 0;
};

// Asks the daemon. `client` must outlive the analyzer.
std::unique_ptr<Analyzer> MakeDaemonAnalyzer(SynthesisClient* client);

// Reads here, every text as `options` say: a request's own voice and options do not count. An empty
// path means the lexicon that came with this program. INVALID_ARGUMENT when the options are bad.
StatusOr<std::unique_ptr<Analyzer>> MakeOfflineAnalyzer(std::filesystem::path lexicon,
                                                        const v1::TextOptions& options);

}  // namespace m2tts
