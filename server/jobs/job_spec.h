// What a client wants done, checked, and turned into what the trainer reads.
//
// Paths of data sets must exist and lie below one of the data roots after links are resolved; voices are
// names or "job:ID". Errors are INVALID_ARGUMENT with a violation for each field that is wrong. Stateless;
// any thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "m2tts/v1/training.pb.h"
#include "server/jobs/job_folder.h"

namespace m2tts {

// With every path resolved. Empty where the kind of job has none.
struct ResolvedSpec {
  v1::JobKind kind = v1::JOB_KIND_TRAIN;
  std::string config_yaml;
  std::filesystem::path dataset;
  std::filesystem::path base_voice;           // a voice bundle
  std::vector<std::filesystem::path> models;  // other voices and runs that config_yaml names
  std::filesystem::path evaluation_dataset;
  std::string voice_name;
  std::string dtype;
};

// kAtSubmit: "job:ID" need not have made its voice yet.
enum class SpecTime { kAtSubmit, kAtStart };

StatusOr<ResolvedSpec> ResolveSpec(const std::string& id, const v1::JobSpec& spec,
                                   const JobEnvironment& environment, SpecTime time);

// The canonical path of `text`, which is absolute or relative to one of `roots`, below one of them.
// NOT_FOUND, or PERMISSION_DENIED when it lies elsewhere; neither tells whether a path outside exists.
StatusOr<std::filesystem::path> ResolveBelow(const std::string& text,
                                             const std::vector<std::filesystem::path>& roots);

// Id of the job that `base_voice` names; empty when it names a voice.
std::string JobOfBaseVoice(const std::string& base_voice);

// What the kind of job does, one after the other: "train", "report", "export", "evaluate", "publish", ... A
// job goes on without its report when that fails.
std::vector<std::string> PhasesOf(const v1::JobSpec& spec);

// Asks `trainer` whether it takes the config; its complaint becomes a violation of spec.config_yaml. Takes
// about half a second. `scratch`: an existing folder for a temporary file.
Status AskTrainer(const std::string& config_yaml, const JobEnvironment& environment,
                  const std::filesystem::path& scratch);

}  // namespace m2tts
