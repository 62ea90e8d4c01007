#include "server/jobs/job_order.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "server/jobs/job_spec.h"
#include "server/jobs/job_state.h"

namespace m2tts {
namespace {

bool HasVoice(const std::filesystem::path& job_folder) {
  std::error_code error;
  const std::filesystem::directory_iterator voices(job_folder / "voice", error);
  return std::any_of(begin(voices), end(voices), [](const std::filesystem::directory_entry& voice) {
    std::error_code missing;
    return std::filesystem::exists(voice.path() / "voice.json", missing);
  });
}

}  // namespace

std::vector<std::string> PredecessorsOf(const v1::JobSpec& spec) {
  std::vector<std::string> ids;
  for (const std::string& id : {spec.after(), JobOfBaseVoice(spec.base_voice())}) {
    if (!id.empty() && std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  }
  return ids;
}

bool WaitsFor(const JobRecord& record, const std::string& id) {
  if (!record.phase.empty()) return false;
  const auto ids = PredecessorsOf(record.job.spec());
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

JobTurn TurnOf(const JobRecord& record, JobBoard* board, const JobEnvironment& environment) {
  JobTurn turn;
  if (!record.phase.empty()) return turn;
  for (const std::string& id : PredecessorsOf(record.job.spec())) {
    const auto before = board->Record(id);
    const bool deleted = before.status().code() == StatusCode::kNotFound;
    // Another error of the store may pass.
    if (!deleted && (!before.ok() || !JobStateMachine::IsTerminal(before->job.state()))) {
      turn.come = false;
      continue;
    }
    if (before.ok() && before->job.state() == v1::JOB_STATE_SUCCEEDED) continue;
    if (record.job.spec().after() != id && HasVoice(environment.job(id))) continue;
    turn.come = false;
    turn.hopeless =
        fmt::format("job '{}', which it follows, {}", id, deleted ? "was deleted" : "did not succeed");
    return turn;
  }
  return turn;
}

}  // namespace m2tts
