#include "trainer/pipeline.h"

#include <algorithm>

#include "core/base/file.h"
#include "core/base/file_lock.h"
#include "core/base/version.h"
#include "core/device/device.h"
#include "core/device/host.h"
#include "core/device/sensors.h"
#include "trainer/alignment/align_sources.h"
#include "trainer/data/predicted_mels.h"
#include "trainer/export/stage_weights.h"
#include "trainer/loop/train_loop.h"
#include "trainer/stages/acoustic_stage.h"
#include "trainer/stages/aligner_stage.h"
#include "trainer/stages/vocoder_stage.h"

namespace m2tts {
namespace {

// What the stages of one call share.
struct RunContext {
  RunLog* log;
  Protection* protection;
  RunBudget* budget;
};

// What is random before the first step of a stage must not depend on whether the stages before it
// ran in this call.
void SeedStage(const TrainConfig& config, uint64_t stage) {
  torch::manual_seed(config.seed + (stage << 32));
}

// Weights of another run or voice, for a stage that has no checkpoint of its own yet.
Status Initialize(Stage* stage, const TrainConfig& config, const std::filesystem::path& folder, RunLog* log) {
  if (config.init_from.empty() || std::filesystem::exists(folder)) return OkStatus();
  M2TTS_ASSIGN_OR_RETURN(const TensorMap weights,
                         LoadInitialWeights(config.init_from, stage->name(), config.speakers));
  log->Message(weights.empty() ? fmt::format("{}: {} has no such stage; starts at random", stage->name(),
                                             config.init_from)
                               : fmt::format("{}: starts from {}", stage->name(), config.init_from));
  if (weights.empty()) return OkStatus();
  for (const std::string& note : stage->StartFrom(weights)) log->Message("  " + note);
  return OkStatus();
}

Status RunOne(Stage* stage, const TrainConfig& config, const PipelineOptions& options,
              const RunContext& context) {
  LoopOptions loop;
  loop.folder = options.run / stage->name();
  loop.config_text = config.source_text;
  loop.stop = options.stop;
  loop.protection = context.protection;
  loop.budget = context.budget;
  M2TTS_RETURN_IF_ERROR(Initialize(stage, config, loop.folder, context.log));
  return RunStage(stage, loop, context.log);
}

Status Align(const TrainConfig& config, const PipelineOptions& options, const RunContext& context,
             Corpus* corpus) {
  const auto path = options.run / "durations.safetensors";
  if (std::filesystem::exists(path)) return LoadDurations(path, corpus);
  if (options.stages.count("aligner") == 0) {
    return Errorf(StatusCode::kFailedPrecondition, "{}: missing; run the stage 'aligner' first",
                  path.string());
  }
  const auto& sources = config.data.sources;
  const auto learned = [](const DataSource& source) { return source.align_by.empty(); };
  if (std::any_of(sources.begin(), sources.end(), learned)) {
    SeedStage(config, 1);
    AlignerStage stage(config, corpus);
    M2TTS_RETURN_IF_ERROR(RunOne(&stage, config, options, context));
    context.log->Message("aligning the corpus");
    M2TTS_ASSIGN_OR_RETURN(auto durations, stage.AlignAll());
    for (size_t i = 0; i < durations.size(); ++i) corpus->utterances[i].durations = std::move(durations[i]);
  }
  M2TTS_ASSIGN_OR_RETURN(const int64_t given, AlignSources(config, corpus));
  if (given > 0) context.log->Message(fmt::format("{} clips aligned by voices or labels", given));
  return SaveDurations(path, *corpus);
}

// "AMD EPYC 7B13, 2 cores, 7.8 GB of memory; training on 2 threads".
std::string Hardware(int threads) {
  const auto memory = HostSensors()->Memory().limit_bytes;
  const std::string gigabytes =
      memory.has_value() ? fmt::format(", {:.1f} GB of memory", static_cast<double>(*memory) / 1e9) : "";
  return fmt::format("{}, {} cores{}; training on {} threads", ProcessorName(), PhysicalCores(), gigabytes,
                     threads);
}

}  // namespace

Status RunPipeline(const TrainConfig& config, const PipelineOptions& options) {
  const auto lock = FileLock::Acquire(options.run / "lock");
  if (lock.status().code() == StatusCode::kFailedPrecondition) {
    return Errorf(StatusCode::kFailedPrecondition,
                  "{}; a run trains there already: wait for it, or choose another folder with --run",
                  std::string(lock.status().message()));
  }
  M2TTS_RETURN_IF_ERROR(lock.status());
  RunBudget budget(options.max_minutes, options.max_steps);
  M2TTS_ASSIGN_OR_RETURN(const auto log, RunLog::Open(options.run));
  M2TTS_ASSIGN_OR_RETURN(const auto protection, Protection::Create(config.protection));
  const RunContext context = {log.get(), protection.get(), &budget};
  const int threads = ConfigureCpuThreads(config.threads);
  log->Message(fmt::format("{}: {} threads, LibTorch {}", config.name, threads, TorchVersion()));
  log->Facts({{"name", config.name},
              {"version", VersionLine("m2tts-trainer", TorchVersion())},
              {"hardware", Hardware(threads)},
              {"config", config.source_text}});
  M2TTS_ASSIGN_OR_RETURN(Corpus corpus, LoadCorpus(config, options.lexicon, [&](size_t done, size_t total) {
                           if (done == total)
                             log->Message(fmt::format("features of {} clips are ready", total));
                         }));
  log->Message(fmt::format("{} clips to learn from, {} held out, {} left out", corpus.training.size(),
                           corpus.validation.size(), corpus.left_out));
  const bool acoustic = options.stages.count("acoustic") > 0;
  const bool vocoder = options.stages.count("vocoder") > 0 && config.model.vocoder.type != "griffin_lim";
  const bool predicts = vocoder && !config.vocoder.predicted_by.empty();
  if (acoustic || predicts || options.stages.count("aligner") > 0) {
    M2TTS_RETURN_IF_ERROR(Align(config, options, context, &corpus));
  }
  if (acoustic) {
    SeedStage(config, 2);
    AcousticStage stage(config, &corpus);
    M2TTS_RETURN_IF_ERROR(RunOne(&stage, config, options, context));
  }
  if (vocoder) {
    TensorMap predicted;
    if (predicts) {
      log->Message("predicting mels of the corpus");
      M2TTS_ASSIGN_OR_RETURN(auto file, PredictMels(config.vocoder.predicted_by, corpus, config.speakers,
                                                    options.run / "predicted.safetensors"));
      predicted = std::move(file.tensors);
    }
    SeedStage(config, 3);
    M2TTS_ASSIGN_OR_RETURN(const auto stage, VocoderStage::Create(config, &corpus, std::move(predicted)));
    M2TTS_RETURN_IF_ERROR(RunOne(stage.get(), config, options, context));
  }
  return OkStatus();
}

}  // namespace m2tts
