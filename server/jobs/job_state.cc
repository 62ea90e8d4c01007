#include "server/jobs/job_state.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace m2tts {
namespace {

constexpr int kStates = v1::JobState_MAX + 1;

// Row: from; column: to. In the order of the enum: unspecified, queued, running, paused, succeeded,
// failed, cancelled.
constexpr std::array<std::array<bool, kStates>, kStates> kAllowed = {{
    {false, true, false, false, false, false, false},   // a new job
    {false, false, true, true, false, true, true},      // queued
    {false, true, false, true, true, true, true},       // running
    {false, true, true, false, false, true, true},      // paused
    {false, false, false, false, false, false, false},  // succeeded
    {false, false, false, false, false, false, false},  // failed
    {false, false, false, false, false, false, false},  // cancelled
}};
static_assert(v1::JOB_STATE_CANCELLED == kStates - 1);

std::string WithoutPrefix(const std::string& name, const std::string& prefix) {
  return name.rfind(prefix, 0) == 0 ? name.substr(prefix.size()) : name;
}

std::string LowerCase(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

bool JobStateMachine::IsTerminal(v1::JobState state) {
  return state == v1::JOB_STATE_SUCCEEDED || state == v1::JOB_STATE_FAILED ||
         state == v1::JOB_STATE_CANCELLED;
}

bool JobStateMachine::Allows(v1::JobState from, v1::JobState to) {
  if (!v1::JobState_IsValid(from) || !v1::JobState_IsValid(to)) return false;
  return kAllowed[static_cast<size_t>(from)][static_cast<size_t>(to)];
}

Status JobStateMachine::Check(v1::JobState from, v1::JobState to) {
  if (Allows(from, to)) return OkStatus();
  return Errorf(StatusCode::kFailedPrecondition, "the job is {}, and cannot become {}", JobStateName(from),
                JobStateName(to));
}

std::string JobStateName(v1::JobState state) {
  return WithoutPrefix(v1::JobState_Name(state), "JOB_STATE_");
}

std::string PauseReasonName(v1::PauseReason reason) {
  if (reason == v1::PAUSE_REASON_UNSPECIFIED) return "";
  return LowerCase(WithoutPrefix(v1::PauseReason_Name(reason), "PAUSE_REASON_"));
}

std::string JobKindName(v1::JobKind kind) {
  return LowerCase(WithoutPrefix(v1::JobKind_Name(kind), "JOB_KIND_"));
}

}  // namespace m2tts
