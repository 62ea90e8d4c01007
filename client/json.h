// The API's messages as JSON, for --json. docs/cli.md documents the shapes.
#pragma once

#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "m2tts/v1/admin.pb.h"
#include "m2tts/v1/synthesizer.pb.h"

namespace m2tts {

using Json = nlohmann::ordered_json;

Json ToJson(const v1::Voice& voice);
Json ToJson(const v1::AnalyzeTextResponse& analysis);
Json ToJson(const v1::ServerStatus& status);
Json ToJson(const v1::TextWarning& warning);
// Times in seconds at `sample_rate`, Hz.
Json ToJson(const v1::WordTiming& word, int sample_rate);
Json ToJson(const v1::MarkTiming& mark, int sample_rate);
Json ToJson(const v1::SentenceTiming& sentence, int sample_rate);
Json ToJson(const v1::SynthesisTimings& timings);
// {"error": {"code": "INVALID_ARGUMENT", "message": ..., ...}}
Json ErrorToJson(const Status& status);

double Seconds(const google::protobuf::Duration& duration);
// "SERVING", "DRAINING": the enum's name without its prefix.
std::string ServerStateName(v1::ServerState state);

// Indented, with a final newline; invalid UTF-8 is replaced.
void PrintJson(const Json& json, std::ostream& out);

}  // namespace m2tts
