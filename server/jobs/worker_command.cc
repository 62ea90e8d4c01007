#include "server/jobs/worker_command.h"

#include <filesystem>
#include <system_error>
#include <vector>

#include "core/base/file.h"
#include "server/jobs/job_spec.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

using Words = std::vector<std::string>;

// Besides what every program reads (trainer/worker/sandbox.h).
struct Folders {
  std::vector<fs::path> read;
  std::vector<fs::path> write;
};

void Add(const Words& more, Words* words) {
  words->insert(words->end(), more.begin(), more.end());
}

void Add(const std::vector<fs::path>& more, std::vector<fs::path>* paths) {
  paths->insert(paths->end(), more.begin(), more.end());
}

// The flags that make the worker lock itself in. The kernel's rules are for folders that exist.
StatusOr<Words> SandboxFlags(const std::string& mode, const Folders& folders, const fs::path& temp) {
  Words flags;
  if (mode == "off") return flags;
  std::error_code ignored;
  fs::remove_all(temp, ignored);  // what a worker that was killed has left
  M2TTS_RETURN_IF_ERROR(MakeFolder(temp));
  for (const fs::path& folder : folders.write) {
    M2TTS_RETURN_IF_ERROR(MakeFolder(folder));
    Add({"--sandbox-write", folder.string()}, &flags);
  }
  for (const fs::path& path : folders.read) Add({"--sandbox-read", path.string()}, &flags);
  Add({"--sandbox-temp", temp.string(), "--sandbox", mode}, &flags);
  return flags;
}

}  // namespace

StatusOr<WorkerProcess::Options> WorkerCommand(const JobRecord& record, const std::string& phase,
                                               const JobsConfig& config, const JobEnvironment& environment) {
  const std::string& id = record.job.id();
  const v1::JobSpec& spec = record.job.spec();
  M2TTS_ASSIGN_OR_RETURN(const ResolvedSpec resolved, ResolveSpec(id, spec, environment, SpecTime::kAtStart));
  const fs::path made = environment.voice(id, resolved.voice_name);
  WorkerProcess::Options options;
  options.program = environment.trainer;
  options.log = environment.job(id) / "worker.log";
  Words command;
  Folders folders;
  if (phase == "train") {
    // Written once: a resumed run compares it with that of its checkpoint.
    if (!fs::exists(environment.config(id))) {
      M2TTS_RETURN_IF_ERROR(WriteFileAtomic(environment.config(id), resolved.config_yaml));
    }
    options.lease = true;
    command = {"train",       environment.config(id).string(),
               "--run",       environment.run(id).string(),
               "--lease-fd",  "{lease}",
               "--min-parts", std::to_string(record.min_parts)};
    for (const std::string& stage : spec.stages()) Add({"--stages", stage}, &command);
    folders.read = {environment.config(id)};
    if (!resolved.base_voice.empty()) folders.read.push_back(resolved.base_voice);
    Add(resolved.models, &folders.read);
    Add(environment.data_roots, &folders.read);
    folders.write = {environment.run(id), environment.features()};
  } else if (phase == "report") {
    command = {"report", environment.run(id).string()};
    folders.write = {environment.run(id)};
  } else if (phase == "export") {
    command = {"export", environment.run(id).string(), "-o", made.string(), "--dtype", resolved.dtype};
    folders.read = {environment.run(id)};
    // A stage that was not trained comes from where the run started.
    if (!resolved.base_voice.empty()) folders.read.push_back(resolved.base_voice);
    Add(resolved.models, &folders.read);
    folders.write = {made.parent_path()};
  } else if (phase == "evaluate") {
    const bool own = resolved.kind != v1::JOB_KIND_EVALUATE;
    const fs::path& voice = own ? made : resolved.base_voice;
    const fs::path& data = own ? resolved.evaluation_dataset : resolved.dataset;
    options.output = environment.job(id) / "evaluation.json";
    command = {"eval",
               voice.string(),
               "--data",
               data.string(),
               "--json",
               "--limit",
               std::to_string(spec.evaluation_limit())};
    if (own && spec.publish_max_word_error_percent() == 0.0) command.emplace_back("--no-wer");
    folders.read = {voice};
    Add(environment.data_roots, &folders.read);
  } else if (phase == "compress") {
    command = {"compress", resolved.base_voice.string(), "-o", made.string(), "--dtype", resolved.dtype};
    folders.read = {resolved.base_voice};
    folders.write = {made.parent_path()};
  } else if (phase == "check") {
    options.output = environment.job(id) / "check.json";
    command = {"check", resolved.dataset.string(), "--json", "--jobs", "1"};
    folders.read = environment.data_roots;
  } else {
    return Internal("unknown phase '{}'", phase);
  }
  M2TTS_ASSIGN_OR_RETURN(options.arguments, SandboxFlags(config.sandbox, folders, environment.temporary(id)));
  Add({"--background", "--memory-limit-mb", std::to_string(config.memory_limit_mb)}, &options.arguments);
  Add(command, &options.arguments);
  return options;
}

}  // namespace m2tts
