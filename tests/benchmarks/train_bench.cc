// Training as configs/stage2_ljspeech.yaml has it, on a generated corpus (large_corpus.h):
//
//   learning     frames a second of each stage on 1, 2, ... threads, beside the sgemm of the same run: the
//   share of
//                the arithmetic limit. Learning takes three times the FLOP of a forward pass; padding does
//                not count
//   features     times real time of one core
//   memory       resident with the whole corpus loaded, and the most while each stage learns
//   start        from nothing computed, and with a warm cache, to the first step; LibTorch is loaded by then
//   checkpoints  how long a step waits for one, and until it is on the disk
//
//   train_bench [--clips 13100] [--recordings 48] [--seconds 5] [--threads 2] [--json] [--no-goals]
//
// With as many recordings as clips the features are those of a whole corpus: 24 hours, 10 GB of temporary
// files, some ten minutes.
// Nothing else should run on the machine. Ends with 1 when a goal was missed, unless told --no-goals.
#include <torch/torch.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "core/audio/codec.h"
#include "core/base/install_paths.h"
#include "core/device/host.h"
#include "core/device/runtime.h"
#include "tests/benchmarks/figures.h"
#include "tests/benchmarks/large_corpus.h"
#include "trainer/loop/checkpoint_writer.h"
#include "trainer/stages/acoustic_stage.h"
#include "trainer/stages/aligner_stage.h"
#include "trainer/stages/vocoder_stage.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

struct Arguments {
  int clips = 13100;
  int recordings = 48;   // that differ
  double seconds = 5.0;  // of each measurement
  int threads = 2;       // at most
  bool json = false;
  bool no_goals = false;
  fs::path folder;
};

double Now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Calls `work` for `seconds`, after two calls that do not count; returns calls a second.
double Rate(double seconds, const std::function<void()>& work) {
  work();
  work();
  const double start = Now();
  int64_t calls = 0;
  while (Now() - start < seconds) {
    work();
    ++calls;
  }
  return static_cast<double>(calls) / (Now() - start);
}

double SgemmGflops(double seconds) {
  torch::NoGradGuard no_grad;
  const auto a = torch::rand({1024, 1024}), b = torch::rand({1024, 1024});
  auto c = torch::empty({1024, 1024});
  return 2.0 * 1.024 * 1.024 * 1.024 * Rate(seconds, [&] { torch::matmul_out(c, a, b); });
}

// A line of /proc/self/status, in MB; not a number where there is none, which meets no goal.
double StatusMegabytes(const std::string& name) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind(name + ":", 0) == 0) return std::stod(line.substr(name.size() + 1)) * 1.024e-3;
  }
  return std::nan("");
}

// The most resident memory counts anew from here (Linux).
void ForgetPeak() {
  std::ofstream("/proc/self/clear_refs") << "5";
}

StatusOr<TrainConfig> Config(const fs::path& folder) {
  M2TTS_ASSIGN_OR_RETURN(TrainConfig config,
                         LoadTrainConfig(fs::path(M2TTS_SOURCE_DIR) / "configs/stage2_ljspeech.yaml"));
  config.data.cache = folder / "cache";
  config.data.sources.front().root = folder / "corpus";
  return config;
}

class TrainBench {
 public:
  explicit TrainBench(const Arguments& arguments) : arguments_(arguments), figures_(arguments.json) {}

  Status Run() {
    figures_.Say("hardware",
                 fmt::format("{}, {} cores, LibTorch {}", ProcessorName(), PhysicalCores(), TorchVersion()));
    M2TTS_ASSIGN_OR_RETURN(config_, Config(arguments_.folder));
    M2TTS_RETURN_IF_ERROR(WriteLargeCorpus(arguments_.folder / "corpus", arguments_.clips,
                                           arguments_.recordings, config_.audio.sample_rate));
    M2TTS_RETURN_IF_ERROR(MeasureStart());
    M2TTS_RETURN_IF_ERROR(MeasureFeatures());
    for (int threads = 1; threads <= arguments_.threads; ++threads) {
      at::set_num_threads(threads);
      sgemm_.push_back(SgemmGflops(arguments_.seconds / 2.0));
      figures_.Add(fmt::format("sgemm_gflops_{}", threads), fmt::format("sgemm 1024, {} threads", threads),
                   sgemm_.back(), "GFLOP/s", 1);
    }
    M2TTS_RETURN_IF_ERROR(MeasureStages());
    figures_.Finish();
    return OkStatus();
  }
  int missed() const { return figures_.missed(); }

 private:
  // With durations, as a run that goes on has them.
  StatusOr<Corpus> Load() {
    M2TTS_ASSIGN_OR_RETURN(Corpus corpus, LoadCorpus(config_, FindInstallPaths().lexicon, nullptr));
    const auto durations = arguments_.folder / "durations.safetensors";
    if (fs::exists(durations)) {
      M2TTS_RETURN_IF_ERROR(LoadDurations(durations, &corpus));
    } else {
      AlignEvenly(&corpus);
      M2TTS_RETURN_IF_ERROR(SaveDurations(durations, corpus));
    }
    return corpus;
  }

  Status MeasureStart() {
    double start = Now();
    M2TTS_RETURN_IF_ERROR(Load().status());
    figures_.Add("cold_start_seconds", fmt::format("{} clips, nothing cached", arguments_.clips),
                 Now() - start, "s", 2);
    start = Now();
    M2TTS_ASSIGN_OR_RETURN(corpus_, Load());
    figures_.Add("warm_load_seconds", "the same with a warm cache", Now() - start, "s", 2);
    at::set_num_threads(arguments_.threads);
    AcousticStage stage(config_, &corpus_);
    M2TTS_RETURN_IF_ERROR(stage.Step(0, 1e-4, 1).status());
    figures_.Add("warm_start_seconds", "to the first step of the acoustic model", Now() - start, "s", 2,
                 Figures::AtMost(5.0));
    figures_.Add("corpus_resident_mb", "resident with the corpus", StatusMegabytes("VmRSS"), "MB", 0);
    return OkStatus();
  }

  Status MeasureFeatures() {
    constexpr int kNumber = 40;
    at::set_num_threads(1);
    const auto wave = WanderingTone(kNumber, config_.audio.sample_rate);
    M2TTS_ASSIGN_OR_RETURN(const std::string wav,
                           EncodeAudio(wave, config_.audio.sample_rate, AudioEncoding::kWav));
    Status status;
    const double rate = Rate(arguments_.seconds / 2.0, [&] {
      const auto features = ComputeFeatures(wav, "benchmark", config_.audio);
      if (!features.ok()) status = features.status();
    });
    M2TTS_RETURN_IF_ERROR(status);
    const double seconds = static_cast<double>(wave.size()) / config_.audio.sample_rate;
    figures_.Add("features_times_real_time", "features, 1 thread", rate * seconds, "x real time", 0,
                 Figures::AtLeast(200.0));
    return OkStatus();
  }

  // One stage after the other, as in a run.
  Status MeasureStages() {
    M2TTS_ASSIGN_OR_RETURN(const auto network, MakeVocoder(config_.model.vocoder, config_.audio));
    const double vocoder_flop = network->FlopPerFrame();
    const double all_flop =
        GflopPerAudioSecond(config_.model, config_.audio, *network) * 1e9 / config_.audio.frames_per_second();
    {
      AlignerStage stage(config_, &corpus_);
      M2TTS_RETURN_IF_ERROR(MeasureStage(&stage, 0.0));
    }
    {
      AcousticStage stage(config_, &corpus_);
      M2TTS_RETURN_IF_ERROR(MeasureStage(&stage, all_flop - vocoder_flop));
    }
    M2TTS_ASSIGN_OR_RETURN(const auto stage, VocoderStage::Create(config_, &corpus_, {}));
    M2TTS_RETURN_IF_ERROR(MeasureStage(stage.get(), vocoder_flop));
    // The last part of its training, when it listens to discriminators. Their FLOP are not counted.
    const auto& losses = config_.vocoder_loss;
    if (losses.adversarial_from < 0) return OkStatus();
    return MeasureStage(stage.get(), 0.0, "adversarial_vocoder",
                        losses.adversarial_from + losses.discriminator_warmup);
  }

  Status MeasureStage(Stage* stage, double flop_per_frame) {
    return MeasureStage(stage, flop_per_frame, stage->name(), 0);
  }

  // flop_per_frame: of a forward pass; 0 = unknown. From step `step` on.
  Status MeasureStage(Stage* stage, double flop_per_frame, const std::string& name, int64_t step) {
    ClearDeviceCaches();
    ForgetPeak();
    for (int threads = 1; threads <= arguments_.threads; ++threads) {
      at::set_num_threads(threads);
      Status status;
      const auto work = [&] {
        const auto metrics = stage->Step(step++, 1e-4, 1);
        if (!metrics.ok()) status = metrics.status();
      };
      work();
      work();
      const int64_t warm = stage->frames_seen();
      const double start = Now();
      while (status.ok() && Now() - start < arguments_.seconds) work();
      M2TTS_RETURN_IF_ERROR(status);
      const double rate = static_cast<double>(stage->frames_seen() - warm) / (Now() - start);
      figures_.Add(fmt::format("{}_frames_per_second_{}", name, threads),
                   fmt::format("{}, {} threads", name, threads), rate, "frames/s", 0);
      if (flop_per_frame == 0.0) continue;
      const double gflops = 3.0 * flop_per_frame * rate * 1e-9;
      figures_.Add(
          fmt::format("{}_percent_of_sgemm_{}", name, threads), fmt::format("  {:.1f} GFLOP/s", gflops),
          100.0 * gflops / sgemm_[static_cast<size_t>(threads - 1)], "% of sgemm", 0, Figures::AtLeast(45.0));
    }
    M2TTS_RETURN_IF_ERROR(MeasureCheckpoint(*stage, name));
    figures_.Add(name + "_peak_resident_mb", "  most resident memory", StatusMegabytes("VmHWM"), "MB", 0,
                 Figures::AtMost(1500.0));
    return OkStatus();
  }

  // As the loop writes them between two steps.
  Status MeasureCheckpoint(const Stage& stage, const std::string& name) {
    CheckpointWriter::Options options;
    options.folder = arguments_.folder / "run" / name;
    options.tell = [](const std::string& text) { fmt::print(stderr, "{}\n", text); };
    CheckpointWriter writer(options);
    double stall = 0.0, written = 0.0;
    for (int i = 0; i < 3; ++i) {  // the first one may find memory that was never touched
      const double start = Now();
      Checkpoint checkpoint;
      checkpoint.step = i;
      M2TTS_ASSIGN_OR_RETURN(checkpoint.state, stage.State());
      M2TTS_RETURN_IF_ERROR(writer.WriteBehind(checkpoint, true, false));
      stall = std::max(stall, Now() - start);
      M2TTS_RETURN_IF_ERROR(writer.Finish());
      written = std::max(written, Now() - start);
    }
    figures_.Add(name + "_checkpoint_stall_ms", "  a step waits for a checkpoint", 1e3 * stall, "ms", 0,
                 Figures::AtMost(100.0));
    figures_.Add(name + "_checkpoint_written_ms", "  until it is on the disk", 1e3 * written, "ms", 0);
    return OkStatus();
  }

  const Arguments arguments_;
  Figures figures_;
  TrainConfig config_;
  Corpus corpus_;
  std::vector<double> sgemm_;  // GFLOP/s on 1, 2, ... threads
};

}  // namespace
}  // namespace m2tts

int main(int argc, char** argv) {
  m2tts::Arguments arguments;
  CLI::App app("Measures training.", "train_bench");
  app.add_option("--clips", arguments.clips, "Of the large corpus")->check(CLI::Range(64, 1000000));
  app.add_option("--recordings", arguments.recordings, "That differ; the other clips repeat them")
      ->check(CLI::Range(1, 1000000));
  app.add_option("--seconds", arguments.seconds, "Of each measurement")->check(CLI::PositiveNumber);
  app.add_option("--threads", arguments.threads, "At most")->check(CLI::Range(1, 256));
  app.add_flag("--json", arguments.json, "Print the figures as JSON");
  app.add_flag("--no-goals", arguments.no_goals, "Exit with 0 also when a goal is missed");
  CLI11_PARSE(app, argc, argv);
  std::string folder = (std::filesystem::temp_directory_path() / "m2tts_train_bench.XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) return 1;
  arguments.folder = folder;
  m2tts::TrainBench bench(arguments);
  const m2tts::Status status = bench.Run();
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  if (status.ok()) return bench.missed() > 0 && !arguments.no_goals ? 1 : 0;
  std::fprintf(stderr, "train_bench: %s\n", std::string(status.message()).c_str());
  return 1;
}
