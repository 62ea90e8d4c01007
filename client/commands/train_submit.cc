// m2tts train submit: queues a job, and follows it to its end.
#include <CLI/CLI.hpp>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <map>
#include <memory>
#include <random>

#include "client/commands/train.h"
#include "client/finite_range.h"
#include "client/json.h"
#include "client/terminal.h"
#include "client/training/follow_job.h"
#include "client/training/job_text.h"
#include "core/base/file.h"

namespace m2tts {
namespace {

constexpr size_t kMaxConfigBytes = size_t{1} << 20;

struct SubmitOptions {
  std::string config;
  std::string id;
  v1::JobKind kind = v1::JOB_KIND_UNSPECIFIED;
  std::string dataset, voice, base, after, hours, dtype, evaluation;
  std::vector<std::string> stages, labels;
  bool publish = false, mains = false, detach = false;
  int priority = 0, attempts = 0, evaluation_limit = 0;
  double backoff = -1.0, max_wer = 0.0;
};

const std::map<std::string, v1::JobKind>& Kinds() {
  static const auto* kinds = new std::map<std::string, v1::JobKind>{{"train", v1::JOB_KIND_TRAIN},
                                                                    {"fine-tune", v1::JOB_KIND_FINE_TUNE},
                                                                    {"evaluate", v1::JOB_KIND_EVALUATE},
                                                                    {"compress", v1::JOB_KIND_COMPRESS},
                                                                    {"check", v1::JOB_KIND_CHECK}};
  return *kinds;
}

// "train-20261125-230501-4f2a": what a person can say and sort.
std::string NewId(v1::JobKind kind) {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char time[32];
  std::strftime(time, sizeof(time), "%Y%m%d-%H%M%S", &local);
  std::random_device random;
  std::string name = JobKindText(kind);
  for (char& c : name) c = c == '_' ? '-' : c;
  return fmt::format("{}-{}-{:04x}", name, time, random() & 0xffff);
}

// The daemon has a working directory of its own; a path that exists here is meant.
std::string AbsoluteIfHere(const std::string& path) {
  std::error_code error;
  if (path.empty() || !std::filesystem::exists(path, error)) return path;
  return std::filesystem::absolute(path).lexically_normal().string();
}

StatusOr<v1::SubmitJobRequest> MakeRequest(const SubmitOptions& options) {
  v1::SubmitJobRequest request;
  v1::JobSpec& spec = *request.mutable_spec();
  const bool from_base = options.kind == v1::JOB_KIND_UNSPECIFIED && !options.base.empty();
  spec.set_kind(from_base                                  ? v1::JOB_KIND_FINE_TUNE
                : options.kind == v1::JOB_KIND_UNSPECIFIED ? v1::JOB_KIND_TRAIN
                                                           : options.kind);
  request.set_job_id(options.id.empty() ? NewId(spec.kind()) : options.id);
  request.set_priority(options.priority);
  if (!options.config.empty()) {
    M2TTS_ASSIGN_OR_RETURN(const std::string text, ReadFile(options.config, kMaxConfigBytes));
    spec.set_config_yaml(text);
  }
  spec.set_dataset(AbsoluteIfHere(options.dataset));
  spec.set_voice_name(options.voice);
  spec.set_base_voice(options.base);
  spec.set_publish(options.publish);
  spec.set_after(options.after);
  spec.set_dtype(options.dtype);
  for (const std::string& stage : options.stages) spec.add_stages(stage);
  spec.set_evaluation_dataset(AbsoluteIfHere(options.evaluation));
  spec.set_evaluation_limit(options.evaluation_limit);
  spec.set_publish_max_word_error_percent(options.max_wer);
  if (!options.hours.empty()) spec.mutable_schedule()->set_hours(options.hours);
  if (options.mains) spec.mutable_schedule()->set_on_mains_power(true);
  if (options.attempts > 0) spec.mutable_retry()->set_max_attempts(options.attempts);
  if (options.backoff >= 0.0) {
    auto* backoff = spec.mutable_retry()->mutable_backoff();
    backoff->set_seconds(static_cast<int64_t>(options.backoff));
    backoff->set_nanos(static_cast<int32_t>((options.backoff - std::floor(options.backoff)) * 1e9));
  }
  for (const std::string& label : options.labels) {
    const size_t equals = label.find('=');
    if (equals == std::string::npos) return InvalidArgument("--label: '{}' is not NAME=VALUE", label);
    (*request.mutable_labels())[label.substr(0, equals)] = label.substr(equals + 1);
  }
  return request;
}

ExitCode RunSubmit(const SubmitOptions& options, const CliContext& context) {
  const auto request = MakeRequest(options);
  if (!request.ok()) {
    const bool usage = request.status().code() == StatusCode::kInvalidArgument;
    return context.Fail(usage ? kExitUsage : kExitNoInput, request.status());
  }
  return WithTrainingClient(context, [&](TrainingClient* client) {
    const auto job = client->Submit(*request);
    if (!job.ok()) return context.FailCall(job.status());
    if (options.detach) {
      if (context.json) {
        PrintJson(ToJson(*job), *context.io.out);
      } else {
        *context.io.out << Harmless(job->id()) << "\n" << std::flush;
      }
      return kExitOk;
    }
    *context.io.err << fmt::format("job {}  (Ctrl-C detaches; it goes on)\n", Harmless(job->id()))
                    << std::flush;
    const ExitCode code = FollowJob(job->id(), {}, client, context);
    if (context.json && code != kExitInterrupted) {
      const auto ended = client->Get(job->id());
      if (ended.ok()) PrintJson(ToJson(*ended), *context.io.out);
    }
    return code;
  });
}

}  // namespace

void AddTrainSubmit(CLI::App* train, CliContext* context) {
  const auto options = std::make_shared<SubmitOptions>();
  CLI::App* command =
      train->add_subcommand("submit", "Queue a job and follow it; the exit code is its result");
  command->add_option("config", options->config, "Training config, as m2tts-trainer reads it")
      ->type_name("FILE");
  command->add_option("--id", options->id, "Id of the job; the same id and spec again is the same job");
  command->add_option("--kind", options->kind, "train, fine-tune, evaluate, compress or check [train]")
      ->transform(CLI::CheckedTransformer(Kinds(), CLI::ignore_case).description(""))
      ->type_name("KIND");
  command->add_option("--dataset", options->dataset, "Folder of the corpus")->type_name("FOLDER");
  command->add_option("--voice", options->voice, "Name of the voice to make [the id]")->type_name("NAME");
  command->add_option("--base", options->base, "Voice to start from, or job:ID")->type_name("VOICE");
  command->add_option("--stages", options->stages, "Only these of aligner,acoustic,vocoder")->delimiter(',');
  command->add_option("--dtype", options->dtype, "Storage of the voice: fp32, fp16 or int8 [fp16]");
  command->add_flag("--publish", options->publish, "Make the voice available when the job succeeds");
  command->add_option("--evaluate-on", options->evaluation, "Corpus on which the voice is evaluated first")
      ->type_name("FOLDER");
  command->add_option("--evaluate-limit", options->evaluation_limit, "Sentences of it; 0 = all");
  command->add_option("--max-wer", options->max_wer, "Publish only with at most so many wrong words")
      ->check(FiniteRange(0.0, 1000.0))
      ->type_name("PERCENT");
  command->add_option("--after", options->after, "Job that must have succeeded first")->type_name("JOB");
  command->add_option("--hours", options->hours, "Run only between these times, as 22:00-06:00");
  command->add_flag("--on-mains", options->mains, "Run only on mains power");
  command->add_option("--priority", options->priority, "-100 to 100; higher runs first")
      ->capture_default_str();
  command->add_option("--attempts", options->attempts, "Failures in a row that end the job [4]")
      ->check(CLI::Range(1, 100).description(""));
  command->add_option("--backoff", options->backoff, "Seconds before the second attempt [10]")
      ->check(FiniteRange(0.0, 3600.0));
  command->add_option("--label", options->labels, "NAME=VALUE; may be repeated");
  command->add_flag("--detach", options->detach, "Print the id and return");
  command->footer(
      "Examples:\n"
      "  m2tts train submit configs/stage2_ljspeech.yaml --dataset data/LJSpeech-1.1 --publish\n"
      "  m2tts train submit small.yaml --base en_US-slt --dataset data/mine --voice mine --hours "
      "22:00-06:00\n"
      "  m2tts train submit --kind check --dataset data/mine --id checked --detach\n"
      "  m2tts train submit small.yaml --dataset data/mine --after checked\n"
      "Exit codes: 0 succeeded, 1 failed, 2 cancelled, 130 detached by Ctrl-C.");
  command->callback([=] { context->run = [=] { return RunSubmit(*options, *context); }; });
}

}  // namespace m2tts
