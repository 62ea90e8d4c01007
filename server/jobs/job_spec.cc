#include "server/jobs/job_spec.h"

#include <unistd.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <set>
#include <thread>

#include "core/base/file.h"
#include "core/base/strict_yaml.h"
#include "core/voice/voice_manifest.h"
#include "server/base/status_details.h"
#include "server/jobs/job_schedule.h"
#include "server/jobs/job_state.h"
#include "server/jobs/worker_process.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxConfigBytes = size_t{1} << 20;
constexpr size_t kMaxPathBytes = 4096;
constexpr char kJobPrefix[] = "job:";
constexpr char kByLabels[] = "labels";  // align_by of a corpus with label files: no voice, no path

bool IsBelow(const fs::path& path, const fs::path& root) {
  const auto [end, ignored] = std::mismatch(root.begin(), root.end(), path.begin(), path.end());
  return end == root.end();
}

Status Prefixed(const std::string& field, const Status& status) {
  return status.ok() ? status : FieldError(field, std::string(status.message()));
}

// The bundle that `name` ("NAME" or "job:ID") stands for.
StatusOr<fs::path> ResolveVoice(const std::string& name, const JobEnvironment& environment, SpecTime time) {
  const std::string job = JobOfBaseVoice(name);
  if (job.empty()) {
    if (!IsValidId(name)) return InvalidArgument("'{}' is not the name of a voice", name.substr(0, 64));
    const fs::path folder = environment.voices / name;
    std::error_code error;
    if (!fs::exists(folder / "voice.json", error)) return NotFound("there is no voice '{}'", name);
    return folder;
  }
  if (!IsValidId(job)) return InvalidArgument("'{}' is not the id of a job", job.substr(0, 64));
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(environment.job(job) / "voice", error)) {
    if (fs::exists(entry.path() / "voice.json", error)) return entry.path();
  }
  if (time == SpecTime::kAtSubmit) return fs::path();
  return NotFound("job '{}' has made no voice", job);
}

// A run or voice that a config names: a voice of the daemon, of a job, or a folder below a root.
StatusOr<std::string> ResolveModel(const std::string& text, const JobEnvironment& environment,
                                   SpecTime time) {
  if (IsValidId(text) || !JobOfBaseVoice(text).empty()) {
    const auto voice = ResolveVoice(text, environment, time);
    if (voice.ok()) return voice->string();
  }
  M2TTS_ASSIGN_OR_RETURN(const fs::path folder, ResolveBelow(text, environment.data_roots));
  return folder.string();
}

// Walks through the config and puts resolved paths in the place of what the client wrote.
class ConfigRewriter {
 public:
  // What is wrong goes to `wrong`.
  ConfigRewriter(const JobEnvironment& environment, SpecTime time, FieldViolations* wrong)
      : environment_(environment), time_(time), wrong_(wrong) {}

  std::string Rewrite(const std::string& id, const v1::JobSpec& spec, const ResolvedSpec& resolved) {
    const auto parsed = ParseYaml(spec.config_yaml(), "config");
    if (!parsed.ok()) return Complain(std::string(parsed.status().message()));
    YAML::Node root = *parsed;
    if (!root.IsMap()) return Complain("config: must be a mapping");
    // The voice cannot be made without: better said now than after days of training.
    if (!root["licence"] || !root["licence"].IsScalar() || root["licence"].Scalar().empty()) {
      Complain("licence: is required; say under which licence the voice may be used");
    }
    if (root["data"] && !root["data"].IsMap()) return Complain("config: data: must be a mapping");
    // What is the daemon's to say comes first: YAML's aliases (&a, *a) are one node at several places, and
    // what is written last must be what was checked.
    root.remove("protection");  // the governor's
    root["name"] = resolved.voice_name.empty() ? id : resolved.voice_name;
    YAML::Node data = root["data"];
    if (!resolved.dataset.empty()) data["root"] = resolved.dataset.string();
    data["cache"] = environment_.features().string();
    if (!resolved.base_voice.empty()) root["init_from"] = resolved.base_voice.string();
    if (resolved.dataset.empty()) Data(data, "root", "data.root");
    if (data["sources"] && data["sources"].IsSequence()) {
      for (size_t i = 0; i < data["sources"].size(); ++i) {
        YAML::Node source = data["sources"][i];
        if (!source.IsMap()) continue;
        Data(source, "root", fmt::format("data.sources[{}].root", i));
        if (source["align_by"] && source["align_by"].IsScalar() && source["align_by"].Scalar() == kByLabels) {
          continue;
        }
        Model(source, "align_by", fmt::format("data.sources[{}].align_by", i));
      }
    }
    root["data"] = data;
    if (resolved.base_voice.empty()) Model(root, "init_from", "init_from");
    if (root["vocoder"] && root["vocoder"].IsMap()) {
      YAML::Node vocoder = root["vocoder"];
      Model(vocoder, "predicted_by", "vocoder.predicted_by");
    }
    YAML::Emitter emitter;
    emitter << root;
    return std::string(emitter.c_str()) + "\n";
  }

  // Voices and runs that the config names.
  const std::vector<fs::path>& models() const { return models_; }

 private:
  // Returns no config.
  std::string Complain(const std::string& what) {
    wrong_->Add(FieldError("spec.config_yaml", what));
    return "";
  }
  void Data(YAML::Node node, const std::string& key, const std::string& field) {
    Replace(node, key, field, [this](const std::string& text) -> StatusOr<std::string> {
      M2TTS_ASSIGN_OR_RETURN(const fs::path path, ResolveBelow(text, environment_.data_roots));
      return path.string();
    });
  }
  void Model(YAML::Node node, const std::string& key, const std::string& field) {
    Replace(node, key, field, [this](const std::string& text) {
      auto folder = ResolveModel(text, environment_, time_);
      if (folder.ok()) models_.emplace_back(*folder);
      return folder;
    });
  }
  template <typename Resolve>
  void Replace(YAML::Node node, const std::string& key, const std::string& field, Resolve resolve) {
    if (!node[key] || !node[key].IsScalar() || node[key].Scalar().empty()) return;
    const StatusOr<std::string> resolved = resolve(node[key].Scalar());
    if (resolved.ok()) {
      node[key] = *resolved;
    } else {
      Complain(fmt::format("{}: {}", field, std::string(resolved.status().message())));
    }
  }

  const JobEnvironment& environment_;
  const SpecTime time_;
  FieldViolations* const wrong_;
  std::vector<fs::path> models_;
};

bool MakesVoice(v1::JobKind kind) {
  return kind != v1::JOB_KIND_EVALUATE && kind != v1::JOB_KIND_CHECK;
}

void CheckRetry(const v1::RetryPolicy& retry, FieldViolations* wrong) {
  if (retry.max_attempts() < 0 || retry.max_attempts() > 100) {
    wrong->Add(FieldErrorf("spec.retry.max_attempts", "{} is outside [1, 100]", retry.max_attempts()));
  }
  const double backoff = static_cast<double>(retry.backoff().seconds()) + 1e-9 * retry.backoff().nanos();
  if (retry.backoff().seconds() < 0 || retry.backoff().nanos() < 0 || backoff > 3600.0) {
    wrong->Add(FieldErrorf("spec.retry.backoff", "{} s is outside [0, 3600]", backoff));
  }
}

void CheckStages(const v1::JobSpec& spec, FieldViolations* wrong) {
  static const std::set<std::string> kStages = {"aligner", "acoustic", "vocoder"};
  std::set<std::string> stages, twice;
  for (const std::string& stage : spec.stages()) {
    if (kStages.count(stage) == 0) {
      wrong->Add(
          FieldErrorf("spec.stages", "'{}' is none of aligner, acoustic, vocoder", stage.substr(0, 64)));
    } else if (!stages.insert(stage).second && twice.insert(stage).second) {
      wrong->Add(FieldErrorf("spec.stages", "'{}' is there twice", stage));
    }
  }
}

void CheckEvaluation(const v1::JobSpec& spec, const JobEnvironment& environment, SpecTime time,
                     FieldViolations* wrong) {
  if (spec.evaluation_limit() < 0) wrong->Add(FieldError("spec.evaluation_limit", "must not be negative"));
  const double limit = spec.publish_max_word_error_percent();
  if (!(limit >= 0.0 && limit <= 1000.0)) {
    wrong->Add(FieldError("spec.publish_max_word_error_percent", "is outside [0, 1000]"));
  } else if (limit > 0.0 && spec.evaluation_dataset().empty()) {
    wrong->Add(FieldError("spec.publish_max_word_error_percent", "needs evaluation_dataset"));
  }
  // Said now, and not after hours of training.
  const bool always = spec.kind() == v1::JOB_KIND_EVALUATE;
  if (time == SpecTime::kAtSubmit && (always || limit > 0.0)) {
    wrong->Add(
        Prefixed(always ? "spec.kind" : "spec.publish_max_word_error_percent", environment.CanRecognize()));
  }
  if (MakesVoice(spec.kind())) return;
  const char* const why = "such a job makes no voice";
  if (spec.publish()) wrong->Add(FieldError("spec.publish", why));
  if (!spec.evaluation_dataset().empty()) wrong->Add(FieldError("spec.evaluation_dataset", why));
}

void CheckPolicies(const std::string& id, const v1::JobSpec& spec, const JobEnvironment& environment,
                   SpecTime time, FieldViolations* wrong) {
  if (!spec.schedule().hours().empty()) {
    wrong->Add(Prefixed("spec.schedule.hours", ParseDayHours(spec.schedule().hours()).status()));
  }
  CheckRetry(spec.retry(), wrong);
  if (!spec.after().empty() && (!IsValidId(spec.after()) || spec.after() == id)) {
    wrong->Add(FieldErrorf("spec.after", "'{}' is not the id of another job", spec.after().substr(0, 64)));
  }
  CheckStages(spec, wrong);
  CheckEvaluation(spec, environment, time, wrong);
}

// The voice that the job makes: its name, its number format and its place.
void CheckOutput(const v1::JobSpec& spec, const ResolvedSpec& resolved, const JobEnvironment& environment,
                 SpecTime time, FieldViolations* wrong) {
  if (resolved.dtype != "fp32" && resolved.dtype != "fp16" && resolved.dtype != "int8") {
    wrong->Add(FieldErrorf("spec.dtype", "'{}' is none of fp32, fp16, int8", spec.dtype().substr(0, 64)));
  }
  if (!IsValidId(resolved.voice_name)) {
    if (spec.voice_name().empty()) return;  // of the job's id that has been said
    wrong->Add(FieldError("spec.voice_name", "must match [A-Za-z0-9][A-Za-z0-9._-]{0,63}"));
  } else if (time == SpecTime::kAtSubmit && spec.publish()) {
    wrong->Add(Prefixed("spec.publish", environment.CanPublish()));
    if (!environment.MayPublishAs(resolved.voice_name)) {
      wrong->Add(FieldErrorf("spec.voice_name",
                             "'{}' in the folder of voices is no voice; choose another name",
                             resolved.voice_name));
    }
  }
}

StatusOr<fs::path> ResolveDataset(const std::string& field, const std::string& text,
                                  const JobEnvironment& environment) {
  if (text.empty()) return fs::path();
  const auto path = ResolveBelow(text, environment.data_roots);
  if (!path.ok()) return FieldError(field, std::string(path.status().message()));
  std::error_code error;
  if (!fs::is_directory(*path, error)) return FieldErrorf(field, "'{}' is not a folder", text);
  return *path;
}

bool Trains(v1::JobKind kind) {
  return kind == v1::JOB_KIND_TRAIN || kind == v1::JOB_KIND_FINE_TUNE;
}

// Fills in config_yaml and models. A job of a kind that needs no config keeps one all the same.
void ResolveConfig(const std::string& id, const v1::JobSpec& spec, const JobEnvironment& environment,
                   SpecTime time, ResolvedSpec* resolved, FieldViolations* wrong) {
  if (spec.config_yaml().size() > kMaxConfigBytes) {
    wrong->Add(FieldErrorf("spec.config_yaml", "{} bytes, at most {} are allowed", spec.config_yaml().size(),
                           kMaxConfigBytes));
  } else if (Trains(resolved->kind) && spec.config_yaml().empty()) {
    wrong->Add(FieldError("spec.config_yaml", "is required"));
  } else if (Trains(resolved->kind)) {
    ConfigRewriter rewriter(environment, time, wrong);
    resolved->config_yaml = rewriter.Rewrite(id, spec, *resolved);
    resolved->models = rewriter.models();
  }
}

}  // namespace

std::string JobOfBaseVoice(const std::string& base_voice) {
  return base_voice.rfind(kJobPrefix, 0) == 0 ? base_voice.substr(sizeof(kJobPrefix) - 1) : "";
}

std::vector<std::string> PhasesOf(const v1::JobSpec& spec) {
  std::vector<std::string> phases;
  switch (spec.kind()) {
    case v1::JOB_KIND_EVALUATE:
      return {"evaluate"};
    case v1::JOB_KIND_CHECK:
      return {"check"};
    case v1::JOB_KIND_COMPRESS:
      phases = {"compress"};
      break;
    default:
      phases = {"train", "report", "export"};
  }
  if (!spec.evaluation_dataset().empty()) phases.emplace_back("evaluate");
  if (spec.publish()) phases.emplace_back("publish");
  return phases;
}

StatusOr<fs::path> ResolveBelow(const std::string& text, const std::vector<fs::path>& roots) {
  if (text.size() > kMaxPathBytes || text.find('\0') != std::string::npos) {
    return InvalidArgument("not a path");
  }
  if (roots.empty()) {
    return Errorf(StatusCode::kPermissionDenied,
                  "the daemon has no folder of data: set jobs.data_roots in its configuration");
  }
  const fs::path asked = text;
  bool below = false;
  for (const fs::path& root : roots) {
    std::error_code error;
    const fs::path real_root = fs::canonical(root, error);
    if (error) continue;
    const fs::path candidate = asked.is_absolute() ? asked : real_root / asked;
    const fs::path path = fs::weakly_canonical(candidate, error);
    if (error || !IsBelow(path, real_root)) continue;
    below = true;
    if (fs::exists(path, error)) return path;
  }
  if (!below) {
    return Errorf(StatusCode::kPermissionDenied, "'{}' is not below a folder of jobs.data_roots", text);
  }
  return NotFound("'{}' does not exist", text);
}

StatusOr<ResolvedSpec> ResolveSpec(const std::string& id, const v1::JobSpec& spec,
                                   const JobEnvironment& environment, SpecTime time) {
  FieldViolations wrong;
  ResolvedSpec resolved;
  if (!IsValidId(id)) wrong.Add(FieldError("job_id", "must match [A-Za-z0-9][A-Za-z0-9._-]{0,63}"));
  resolved.kind = spec.kind() == v1::JOB_KIND_UNSPECIFIED ? v1::JOB_KIND_TRAIN : spec.kind();
  if (!v1::JobKind_IsValid(resolved.kind)) {
    wrong.Add(FieldErrorf("spec.kind", "{} is unknown", static_cast<int>(spec.kind())));
  }
  resolved.voice_name = spec.voice_name().empty() ? id : spec.voice_name();
  resolved.dtype = spec.dtype().empty() ? "fp16" : spec.dtype();
  CheckOutput(spec, resolved, environment, time, &wrong);
  CheckPolicies(id, spec, environment, time, &wrong);
  const auto take = [&wrong](StatusOr<fs::path> from, fs::path* to) {
    if (wrong.Add(from.status())) *to = *std::move(from);
  };
  take(ResolveDataset("spec.dataset", spec.dataset(), environment), &resolved.dataset);
  take(ResolveDataset("spec.evaluation_dataset", spec.evaluation_dataset(), environment),
       &resolved.evaluation_dataset);
  const bool needs_data = resolved.kind == v1::JOB_KIND_EVALUATE || resolved.kind == v1::JOB_KIND_CHECK;
  if (needs_data && spec.dataset().empty()) wrong.Add(FieldError("spec.dataset", "is required"));
  const bool needs_voice = resolved.kind == v1::JOB_KIND_FINE_TUNE ||
                           resolved.kind == v1::JOB_KIND_EVALUATE || resolved.kind == v1::JOB_KIND_COMPRESS;
  if (!spec.base_voice().empty()) {
    auto voice = ResolveVoice(spec.base_voice(), environment, time);
    if (wrong.Add(Prefixed("spec.base_voice", voice.status()))) resolved.base_voice = *std::move(voice);
  } else if (needs_voice) {
    wrong.Add(FieldError("spec.base_voice", "is required"));
  }
  ResolveConfig(id, spec, environment, time, &resolved, &wrong);
  M2TTS_RETURN_IF_ERROR(wrong.status());
  return resolved;
}

Status AskTrainer(const std::string& config_yaml, const JobEnvironment& environment,
                  const fs::path& scratch) {
  static std::atomic<int> counter{0};
  const std::string name = fmt::format(".check-{}-{}", ::getpid(), ++counter);
  const fs::path file = scratch / (name + ".yaml"), log = scratch / (name + ".log");
  const auto tidy = [&] {
    std::error_code ignored;
    fs::remove(file, ignored);
    fs::remove(log, ignored);
  };
  Status status = WriteFileAtomic(file, config_yaml);
  if (!status.ok()) return status;
  const auto process = WorkerProcess::Start({environment.trainer,
                                             {"--background", "train", file.string(), "--validate-config"},
                                             "",
                                             log,
                                             /*lease=*/false});
  if (!process.ok()) {
    tidy();
    return process.status();
  }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  std::optional<WorkerExit> exit;
  while (!(exit = (*process)->Poll()).has_value() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  tidy();
  if (!exit.has_value())
    return Errorf(StatusCode::kUnavailable, "the trainer takes too long to check a config");
  if (exit->code == 0 && exit->signal == 0) return OkStatus();
  std::string complaint = exit->last_line;
  const size_t at = complaint.find(file.string() + ": ");
  if (at != std::string::npos) complaint.erase(at, file.string().size() + 2);
  if (exit->code == 2) return FieldError("spec.config_yaml", complaint);
  return Internal("the trainer cannot check the config: {}", DescribeFailure(*exit));
}

}  // namespace m2tts
