// Jobs as text for people and as JSON for programs (docs/cli.md documents the shapes).
#pragma once

#include <string>
#include <vector>

#include "client/json.h"
#include "m2tts/v1/training.pb.h"

namespace m2tts {

// "RUNNING", "fine_tune", "thermal".
std::string JobStateText(v1::JobState state);
std::string JobKindText(v1::JobKind kind);
std::string PauseReasonText(v1::PauseReason reason);
bool HasEnded(v1::JobState state);

Json ToJson(const v1::Job& job);
Json ToJson(const v1::JobEvent& event);
Json ToJson(const v1::Artifact& artifact);

// "1 h 02 min", "3 min 20 s", "12 s".
std::string DurationText(double seconds);
// Eight heights of blocks between the least and the greatest of `values`, the last `width` of them.
std::string Sparkline(const std::vector<double>& values, size_t width);
// "[######......]" with `width` places; `share` in [0, 1].
std::string ProgressBar(double share, int width);

// "PAUSED (thermal): serious heat: 93.0 C" or "RUNNING: training".
std::string StateLine(v1::JobState state, v1::PauseReason reason, const std::string& message);

}  // namespace m2tts
