#include "trainer/pipeline.h"

#include <algorithm>
#include <cstdlib>

#include "core/base/file.h"
#include "core/base/file_lock.h"
#include "core/base/sha256.h"
#include "core/base/version.h"
#include "core/device/device.h"
#include "core/device/host.h"
#include "core/device/sensors.h"
#include "trainer/alignment/align_sources.h"
#include "trainer/alignment/phrase_breaks.h"
#include "trainer/data/clip_list.h"
#include "trainer/data/predicted_mels.h"
#include "trainer/export/stage_weights.h"
#include "trainer/growth/grow.h"
#include "trainer/loop/checkpoint.h"
#include "trainer/loop/train_loop.h"
#include "trainer/stages/acoustic_stage.h"
#include "trainer/stages/aligner_stage.h"
#include "trainer/stages/vocoder_stage.h"

namespace m2tts {
namespace {

constexpr size_t kMostNamed = 10;  // clips that are left out

// What the stages of one call share.
struct RunContext {
  ProcessGroup* group;  // null: one process
  RunLog* log;
  Protection* protection;
  RunBudget* budget;
  torch::Device device;
};

// Of several processes on one machine each has its own GPU, as torchrun numbers them.
StatusOr<torch::Device> TrainingDevice(const std::string& name) {
  const std::string kind =
      name == "auto" ? c10::DeviceTypeName(AvailableDevices().front().type(), /*lower_case=*/true) : name;
  const char* const local_rank = std::getenv("LOCAL_RANK");
  return ParseDevice(kind == "cuda" && local_rank != nullptr ? fmt::format("cuda:{}", local_rank) : kind);
}

// What is random before the first step of a stage must not depend on whether the stages before it
// ran in this call.
void SeedStage(const TrainConfig& config, uint64_t stage) {
  torch::manual_seed(config.seed + (stage << 32));
}

// Whether a stage of the run has checkpoints, from which it goes on.
bool Begun(const PipelineOptions& options, const std::string& stage) {
  return CheckpointFolder(options.run / stage, 1).Begun();
}

// Shows how far work between steps is, and ends it when the run is to stop: what is done stays in the cache.
LoadProgress Watch(const std::string& what, const PipelineOptions& options, const RunContext& context) {
  return [what, &options, &context](size_t done, size_t total) -> Status {
    context.log->Work(what, done, total);
    const auto stopped = [&](StatusCode code, const std::string& why) {
      return Errorf(code, "{} during '{}', {} of {}; run the same command to go on", why, what, done, total);
    };
    if (options.stop != nullptr && options.stop->load()) return stopped(StatusCode::kCancelled, "stopped");
    const std::string spent = context.budget->Spent();
    if (!spent.empty()) return stopped(StatusCode::kAborted, spent + " are spent: stopped");
    return OkStatus();
  };
}

// Weights of another run or voice, for a stage that has no checkpoint of its own yet.
Status Initialize(Stage* stage, const TrainConfig& config, const PipelineOptions& options, RunLog* log) {
  if (config.init_from.empty() || Begun(options, stage->name())) return OkStatus();
  M2TTS_ASSIGN_OR_RETURN(const StageWeights found,
                         LoadInitialWeights(config.init_from, stage->name(), config.speakers));
  for (const std::string& message : found.messages) log->Message(config.init_from + ": " + message);
  if (found.weights.empty()) {
    log->Message(fmt::format("{}: {} has no such stage; starts at random", stage->name(), config.init_from));
    return OkStatus();
  }
  log->Message(fmt::format("{}: starts from {}", stage->name(), config.init_from));
  for (const std::string& note : stage->StartFrom(found.weights)) log->Message("  " + note);
  return OkStatus();
}

// `stay`: see LoopOptions.
Status RunOne(Stage* stage, const TrainConfig& config, const PipelineOptions& options,
              const RunContext& context, std::function<std::string()> stay = nullptr) {
  LoopOptions loop;
  loop.stay = std::move(stay);
  loop.folder = options.run / stage->name();
  loop.config_text = config.source_text;
  loop.stop = options.stop;
  loop.protection = context.protection;
  loop.budget = context.budget;
  loop.gate = options.gate;
  loop.min_parts = options.min_parts;
  stage->set_gate(options.gate);
  // On the CPU the kernel preempts.
  if (options.gate != nullptr && !context.device.is_cpu()) {
    loop.max_piece_seconds = options.gate->max_piece_seconds();
  }
  loop.group = context.group;
  // The others of several processes get all weights from the first.
  if (IsFirst(context.group)) M2TTS_RETURN_IF_ERROR(Initialize(stage, config, options, context.log));
  return RunStage(stage, loop, context.log);
}

// The acoustic model: in phases, each of which starts from what the one before it has grown to.
Status TrainAcoustic(const TrainConfig& config, const PipelineOptions& options, const RunContext& context,
                     const Corpus& corpus) {
  const size_t phases = config.progressive.size();
  const auto name = [&](size_t i) {
    return i < phases ? fmt::format("grow-{}", i + 1) : std::string("acoustic");
  };
  // Phases before the newest that has checkpoints are over.
  size_t first = phases;
  while (first > 0 && !Begun(options, name(first))) --first;
  if (context.group != nullptr) {
    std::string text = std::to_string(first);
    M2TTS_RETURN_IF_ERROR(context.group->Broadcast(&text));
    first = static_cast<size_t>(std::atoi(text.c_str()));
  }
  TensorMap before;
  for (size_t i = first; i <= phases; ++i) {
    TrainConfig phase = config;
    if (i < phases) {
      phase.model = config.progressive[i].model;
      phase.acoustic.steps = config.progressive[i].steps;
      phase.acoustic.final_ratio = 1.0;  // the rate falls in the last phase
    }
    SeedStage(config, 2 + (i < phases ? (i + 1) << 8 : 0));
    AcousticStage stage(phase, &corpus, context.group, context.device);
    stage.set_name(name(i));
    if (!before.empty() && IsFirst(context.group)) {
      M2TTS_ASSIGN_OR_RETURN(const TensorMap grown, GrowAcoustic(before, config.progressive[i - 1].model,
                                                                 phase.model, config.audio, config.seed + i));
      TensorMap named;
      for (const auto& [tensor, value] : grown) named.emplace("acoustic." + tensor, value);
      for (const std::string& note : stage.StartFrom(named)) context.log->Message("  " + note);
      context.log->Message(fmt::format("{}: {} has grown to {} channels, {} + {} layers", name(i),
                                       name(i - 1), phase.model.hidden, phase.model.encoder_layers,
                                       phase.model.decoder_layers));
    }
    // It grows when heat and memory allow the next size.
    const ModelConfig& next = i + 1 < phases ? config.progressive[i + 1].model : config.model;
    const auto stay = [&] { return context.protection->ReasonNotToGrow(GrowthOfMemory(phase.model, next)); };
    M2TTS_RETURN_IF_ERROR(
        RunOne(&stage, phase, options, context, i < phases ? stay : std::function<std::string()>()));
    if (i < phases) before = WithPrefix(stage.ExportWeights(), "acoustic.");
  }
  return OkStatus();
}

// Aligned clips of process 0 for all: the content of `path`, or nothing when there is no such file.
Status ShareDurations(const std::filesystem::path& path, ProcessGroup* group) {
  if (group == nullptr) return OkStatus();
  std::string bytes;
  if (IsFirst(group) && Exists(path)) {
    M2TTS_ASSIGN_OR_RETURN(bytes, ReadFile(path));
  }
  M2TTS_RETURN_IF_ERROR(group->Broadcast(&bytes));
  if (IsFirst(group)) return OkStatus();
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
  return bytes.empty() ? OkStatus() : WriteFileAtomic(path, bytes);
}

Status LearnDurations(const TrainConfig& config, const PipelineOptions& options, const RunContext& context,
                      Corpus* corpus) {
  const auto& sources = config.data.sources;
  const auto learned = [](const DataSource& source) { return source.align_by.empty(); };
  if (std::any_of(sources.begin(), sources.end(), learned)) {
    SeedStage(config, 1);
    AlignerStage stage(config, corpus, context.group, context.device);
    M2TTS_RETURN_IF_ERROR(RunOne(&stage, config, options, context));
    if (!IsFirst(context.group)) return OkStatus();
    M2TTS_ASSIGN_OR_RETURN(auto durations, stage.AlignAll(Watch("aligning the corpus", options, context)));
    for (size_t i = 0; i < durations.size(); ++i) corpus->utterances[i].durations = std::move(durations[i]);
  }
  if (!IsFirst(context.group)) return OkStatus();
  M2TTS_ASSIGN_OR_RETURN(const SourceAlignment given,
                         AlignSources(config, corpus, Watch("aligning by voices", options, context)));
  for (const std::string& misfit : given.misfits) context.log->Message("left out: " + misfit);
  if (given.aligned > 0) {
    context.log->Message(fmt::format("{} clips aligned by voices or labels", given.aligned));
  }
  return OkStatus();
}

Status Align(const TrainConfig& config, const PipelineOptions& options, const RunContext& context,
             Corpus* corpus) {
  const auto path = options.run / "durations.safetensors";
  M2TTS_RETURN_IF_ERROR(ShareDurations(path, context.group));
  if (Exists(path)) return LoadDurations(path, corpus);
  if (IsFirst(context.group)) M2TTS_RETURN_IF_ERROR(CheckLabelFiles(config, *corpus));
  if (options.stages.count("aligner") == 0) {
    return Errorf(StatusCode::kFailedPrecondition, "{}: missing; run the stage 'aligner' first",
                  path.string());
  }
  M2TTS_RETURN_IF_ERROR(LearnDurations(config, options, context, corpus));
  if (IsFirst(context.group)) M2TTS_RETURN_IF_ERROR(SaveDurations(path, *corpus));
  M2TTS_RETURN_IF_ERROR(ShareDurations(path, context.group));
  return IsFirst(context.group) ? OkStatus() : LoadDurations(path, corpus);
}

// Every process must have the same clips, or the shares of a step would not fit together.
Status CheckSameCorpus(const Corpus& corpus, ProcessGroup* group) {
  if (group == nullptr) return OkStatus();
  const std::string own = Sha256Hex(ListClips(corpus));
  std::string first = own;
  M2TTS_RETURN_IF_ERROR(group->Broadcast(&first));
  if (first == own) return OkStatus();
  return Errorf(StatusCode::kFailedPrecondition, "process {} has other clips than process 0", group->rank());
}

// What of the pipeline a call runs.
struct Plan {
  bool acoustic = false;
  bool vocoder = false;
  bool predicts = false;  // the vocoder learns from predicted mels
  bool aligned = false;   // the clips have to be
};

Plan PlanOf(const TrainConfig& config, const PipelineOptions& options) {
  Plan plan;
  plan.acoustic = options.stages.count("acoustic") > 0;
  plan.vocoder = options.stages.count("vocoder") > 0 && config.model.vocoder.type != "griffin_lim";
  plan.predicts = plan.vocoder && !config.vocoder.predicted_by.empty();
  plan.aligned = plan.acoustic || plan.predicts || options.stages.count("aligner") > 0;
  return plan;
}

bool SamePlace(const std::filesystem::path& a, const std::filesystem::path& b) {
  std::error_code error;  // of what is not there, too
  return std::filesystem::equivalent(a, b, error) && !error;
}

// What would otherwise be found out hours later. run: of the first process.
Status CheckDemands(const TrainConfig& config, const std::filesystem::path& run, const Plan& plan,
                    const torch::Device& device) {
  if (plan.acoustic) {
    M2TTS_RETURN_IF_ERROR(Annotate(CheckPrecision(PrecisionOf(config.acoustic), device), "acoustic"));
  }
  if (plan.vocoder) {
    M2TTS_RETURN_IF_ERROR(Annotate(CheckPrecision(PrecisionOf(config.vocoder), device), "vocoder"));
  }
  // The run's own acoustic model may be still to come.
  if (!plan.predicts || (plan.acoustic && SamePlace(config.vocoder.predicted_by, run))) {
    return OkStatus();
  }
  return CheckPredictor(config.vocoder.predicted_by, config);
}

void TellLeftOut(const Corpus& corpus, RunLog* log) {
  for (const std::string& line : corpus.passed_over) log->Message(line);
  const auto& clips = corpus.left_out_clips;
  for (size_t i = 0; i < std::min(clips.size(), kMostNamed); ++i) log->Message("left out: " + clips[i]);
  if (clips.size() > kMostNamed) log->Message(fmt::format("and {} more", clips.size() - kMostNamed));
}

StatusOr<Corpus> Load(const TrainConfig& config, const PipelineOptions& options, const RunContext& context) {
  M2TTS_ASSIGN_OR_RETURN(Corpus corpus,
                         LoadCorpus(config, options.lexicon, Watch("features of clips", options, context)));
  TellLeftOut(corpus, context.log);
  context.log->Message(fmt::format("{} clips to learn from, {} held out, {} left out", corpus.training.size(),
                                   corpus.validation.size(), corpus.left_out_clips.size()));
  if (IsFirst(context.group)) M2TTS_RETURN_IF_ERROR(CheckClips(options.run / "clips.txt", corpus));
  M2TTS_RETURN_IF_ERROR(CheckSameCorpus(corpus, context.group));
  return corpus;
}

Status AlignCorpus(const TrainConfig& config, const PipelineOptions& options, const RunContext& context,
                   Corpus* corpus) {
  M2TTS_RETURN_IF_ERROR(Align(config, options, context, corpus));
  if (const int without = LeaveOutUnaligned(corpus); without > 0) {
    context.log->Message(
        fmt::format("{} clips left out, whose labels do not fit their transcripts", without));
  }
  if (config.data.phrase_breaks) {
    const PhraseBreakCount count = MarkPhraseBreaks(config.audio, corpus);
    context.log->Message(fmt::format("{} of {} word boundaries are pauses", count.pauses, count.boundaries));
  }
  if (!corpus->training.empty() && !corpus->validation.empty()) return OkStatus();
  return Errorf(StatusCode::kFailedPrecondition, "no clip is left to {}",
                corpus->training.empty() ? "learn from" : "validate on");
}

Status TrainVocoder(const TrainConfig& config, const PipelineOptions& options, const Plan& plan,
                    const RunContext& context, const Corpus& corpus) {
  PredictedMels predicted;
  if (plan.predicts) {
    // The first process may still be writing the acoustic model that predicts.
    std::string written;
    if (context.group != nullptr) M2TTS_RETURN_IF_ERROR(context.group->Broadcast(&written));
    M2TTS_ASSIGN_OR_RETURN(predicted,
                           PredictMels(config.vocoder.predicted_by, corpus, config, options.run / "predicted",
                                       Watch("predicting mels of the corpus", options, context)));
  }
  SeedStage(config, 3);
  M2TTS_ASSIGN_OR_RETURN(const auto stage, VocoderStage::Create(config, &corpus, std::move(predicted),
                                                                context.group, context.device));
  return RunOne(stage.get(), config, options, context);
}

// "AMD EPYC 7B13, 2 cores, 7.8 GB of memory; training on cpu with 2 threads".
std::string Hardware(const torch::Device& device, int threads) {
  const auto memory = HostSensors()->Memory().limit_bytes;
  const std::string gigabytes =
      memory.has_value() ? fmt::format(", {:.1f} GB of memory", static_cast<double>(*memory) / 1e9) : "";
  return fmt::format("{}, {} cores{}; training on {} with {} threads", ProcessorName(), PhysicalCores(),
                     gigabytes, device.str(), threads);
}

}  // namespace

Status RunPipeline(const TrainConfig& config, const PipelineOptions& given) {
  M2TTS_ASSIGN_OR_RETURN(const torch::Device device, TrainingDevice(config.device));
  M2TTS_ASSIGN_OR_RETURN(const auto group, ProcessGroup::FromEnvironment(device));
  PipelineOptions options = given;
  // Only the first process writes to the run; the others have a folder in it for their log.
  if (!IsFirst(group.get())) options.run = given.run / fmt::format("process-{}", group->rank());
  const auto lock = FileLock::Acquire(options.run / "lock");
  if (lock.status().code() == StatusCode::kFailedPrecondition) {
    return Errorf(StatusCode::kFailedPrecondition,
                  "{}; a run trains there already: wait for it, or choose another folder with --run",
                  std::string(lock.status().message()));
  }
  M2TTS_RETURN_IF_ERROR(lock.status());
  RunBudget budget(options.max_minutes, options.max_steps);
  M2TTS_ASSIGN_OR_RETURN(const auto log, RunLog::Open(options.run));
  log->set_sink(options.sink);
  M2TTS_ASSIGN_OR_RETURN(const auto protection, Protection::Create(config.protection));
  const RunContext context = {group.get(), log.get(), protection.get(), &budget, device};
  const int threads = ConfigureCpuThreads(config.threads);
  log->Message(
      fmt::format("{}: {}, {} threads, LibTorch {}", config.name, device.str(), threads, TorchVersion()));
  if (group != nullptr) {
    log->Message(
        fmt::format("process {} of {}, joined by {}", group->rank(), group->size(), group->backend()));
  }
  log->Facts({{"name", config.name},
              {"version", VersionLine("m2tts-trainer", TorchVersion())},
              {"hardware", Hardware(device, threads)},
              {"config", config.source_text}});
  const Plan plan = PlanOf(config, options);
  M2TTS_RETURN_IF_ERROR(CheckDemands(config, given.run, plan, device));
  M2TTS_ASSIGN_OR_RETURN(Corpus corpus, Load(config, options, context));
  if (plan.aligned) M2TTS_RETURN_IF_ERROR(AlignCorpus(config, options, context, &corpus));
  if (plan.acoustic) M2TTS_RETURN_IF_ERROR(TrainAcoustic(config, options, context, corpus));
  if (plan.vocoder) M2TTS_RETURN_IF_ERROR(TrainVocoder(config, options, plan, context, corpus));
  return OkStatus();
}

}  // namespace m2tts
