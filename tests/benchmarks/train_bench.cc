// Training speed: frames a second of the acoustic model and the vocoder against the arithmetic that the
// machine does in the same run, feature extraction, checkpoints, and a large corpus warm from its cache.
//
//   train_bench [--clips 13100] [--seconds 5] [--threads 2]
//
// The large corpus has real sentences (trainer/recipes/en_US-slt/sentences.csv), and 48 recordings of tones
// under many names (hard links): the index, the phonemes and the schedule are those of so many clips,
// computing the features is not. Nothing else should run on the machine.
#include <torch/torch.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include "core/audio/codec.h"
#include "core/base/file.h"
#include "core/base/install_paths.h"
#include "core/device/runtime.h"
#include "core/model/griffin_lim_vocoder.h"
#include "trainer/data/corpus.h"
#include "trainer/loop/checkpoint.h"
#include "trainer/stages/acoustic_stage.h"
#include "trainer/stages/vocoder_stage.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

struct Arguments {
  int clips = 13100;
  double seconds = 5.0;  // of each measurement
  int threads = 2;       // at most
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

double ResidentMegabytes() {
  std::ifstream file("/proc/self/statm");
  int64_t total = 0, resident = 0;
  file >> total >> resident;
  return static_cast<double>(resident * sysconf(_SC_PAGESIZE)) * 1e-6;
}

double SgemmGflops(double seconds) {
  torch::NoGradGuard no_grad;
  const auto a = torch::rand({1024, 1024}), b = torch::rand({1024, 1024});
  auto c = torch::empty({1024, 1024});
  return 2.0 * 1.024 * 1.024 * 1.024 * Rate(seconds, [&] { torch::matmul_out(c, a, b); });
}

// A tone that wanders, of about what a sentence takes.
std::vector<float> Wandering(int number, int sample_rate) {
  std::vector<float> wave(static_cast<size_t>((5.0 + 0.06 * number) * sample_rate));
  double phase = 0.0;
  for (size_t i = 0; i < wave.size(); ++i) {
    const double t = static_cast<double>(i) / sample_rate;
    phase += 2.0 * M_PI * (150.0 + number + 30.0 * std::sin(3.0 * t)) / sample_rate;
    wave[i] = static_cast<float>(0.2 * std::sin(phase) + 0.1 * std::sin(3.0 * phase));
  }
  return wave;
}

Status WriteCorpus(const fs::path& root, int clips) {
  constexpr int kRecordings = 48, kRate = 22050;
  std::ifstream sentences(fs::path(M2TTS_SOURCE_DIR) / "trainer/recipes/en_US-slt/sentences.csv");
  std::vector<std::string> texts;
  for (std::string line; std::getline(sentences, line);) texts.push_back(line.substr(line.find('|') + 1));
  if (texts.empty()) return NotFound("no sentences");
  std::string metadata;
  for (int i = 0; i < clips; ++i) {
    const fs::path path = root / "wavs" / fmt::format("c{:05d}.wav", i);
    if (i < kRecordings) {
      M2TTS_ASSIGN_OR_RETURN(const std::string wav,
                             EncodeAudio(Wandering(i, kRate), kRate, AudioEncoding::kWav));
      M2TTS_RETURN_IF_ERROR(WriteFileAtomic(path, wav));
    } else {
      std::error_code error;
      fs::create_hard_link(root / "wavs" / fmt::format("c{:05d}.wav", i % kRecordings), path, error);
      if (error) return Internal("{}: {}", path.string(), error.message());
    }
    metadata += fmt::format("c{:05d}|{}\n", i, texts[i % texts.size()]);
  }
  return WriteFileAtomic(root / "metadata.csv", metadata);
}

StatusOr<TrainConfig> Config(const Arguments& arguments) {
  return ParseTrainConfig(
      fmt::format("data: {{root: {0}/corpus, cache: {0}/cache}}\n", arguments.folder.string()), "benchmark");
}

// Durations that fill the clip evenly.
void AlignEvenly(Corpus* corpus) {
  for (Utterance& utterance : corpus->utterances) {
    const auto count = static_cast<int64_t>(utterance.sentence.phonemes.size());
    utterance.durations.clear();
    for (int64_t t = 0; t < count; ++t) {
      utterance.durations.push_back(utterance.frames * (t + 1) / count - utterance.frames * t / count);
    }
  }
}

// One line; `flop_per_frame`: of a forward pass. Learning takes three times as many.
void MeasureStage(const char* name, Stage* stage, double flop_per_frame, double gflops, int threads,
                  double seconds) {
  int64_t step = 0;
  const auto work = [&] {
    const auto metrics = stage->Step(step++, 1e-4, 1);
    if (!metrics.ok()) fmt::print(stderr, "{}: {}\n", name, std::string(metrics.status().message()));
  };
  work();
  work();
  const int64_t warm = stage->frames_seen();
  const double start = Now();
  while (Now() - start < seconds) work();
  const double rate = static_cast<double>(stage->frames_seen() - warm) / (Now() - start);
  const double done = 3.0 * flop_per_frame * rate * 1e-9;
  fmt::print("{:<28} {} threads  {:>8.0f} frames/s  {:>6.1f} GFLOP/s  {:>4.0f} % of sgemm\n", name, threads,
             rate, done, 100.0 * done / gflops);
}

Status MeasureFeatures(const TrainConfig& config, double seconds) {
  at::set_num_threads(1);
  M2TTS_ASSIGN_OR_RETURN(const std::string wav,
                         EncodeAudio(Wandering(40, 22050), 22050, AudioEncoding::kWav));
  Status status;
  const double rate = Rate(seconds, [&] {
    const auto features = ComputeFeatures(wav, "benchmark", config.audio);
    if (!features.ok()) status = features.status();
  });
  M2TTS_RETURN_IF_ERROR(status);
  fmt::print("{:<28} 1 threads  {:>8.0f} times real time\n", "features of a clip", rate * (5.0 + 0.06 * 40));
  return OkStatus();
}

Status Run(const Arguments& arguments) {
  const fs::path lexicon = FindInstallPaths().lexicon;
  M2TTS_RETURN_IF_ERROR(WriteCorpus(arguments.folder / "corpus", arguments.clips));
  M2TTS_ASSIGN_OR_RETURN(const TrainConfig config, Config(arguments));
  double start = Now();
  M2TTS_RETURN_IF_ERROR(LoadCorpus(config, lexicon, nullptr).status());
  fmt::print("{:<28} {:.2f} s\n", fmt::format("{} clips, cold", arguments.clips), Now() - start);

  start = Now();
  M2TTS_ASSIGN_OR_RETURN(Corpus corpus, LoadCorpus(config, lexicon, nullptr));
  const double loaded = Now() - start;
  AlignEvenly(&corpus);
  at::set_num_threads(arguments.threads);
  AcousticStage acoustic(config, &corpus);
  M2TTS_RETURN_IF_ERROR(acoustic.Step(0, 1e-4, 1).status());
  fmt::print("{:<28} {:.2f} s, of which loading {:.2f} s; {:.0f} MB resident\n", "warm start to first step",
             Now() - start, loaded, ResidentMegabytes());

  M2TTS_ASSIGN_OR_RETURN(const auto vocoder, VocoderStage::Create(config, &corpus, {}));
  M2TTS_ASSIGN_OR_RETURN(const auto network, MakeVocoder(config.model.vocoder, config.audio));
  const GriffinLimVocoder none(config.audio);
  const double acoustic_flop =
      GflopPerAudioSecond(config.model, config.audio, none) * 1e9 / config.audio.frames_per_second();
  for (int threads = 1; threads <= arguments.threads; ++threads) {
    at::set_num_threads(threads);
    const double gflops = SgemmGflops(arguments.seconds / 2.0);
    fmt::print("{:<28} {} threads  {:>31.1f} GFLOP/s\n", "sgemm 1024", threads, gflops);
    MeasureStage("acoustic model", &acoustic, acoustic_flop, gflops, threads, arguments.seconds);
    MeasureStage("vocoder", vocoder.get(), network->FlopPerFrame(), gflops, threads, arguments.seconds);
  }
  M2TTS_RETURN_IF_ERROR(MeasureFeatures(config, arguments.seconds / 2.0));

  start = Now();
  Checkpoint checkpoint;
  M2TTS_ASSIGN_OR_RETURN(checkpoint.state, acoustic.State());
  M2TTS_ASSIGN_OR_RETURN(const std::string bytes, SerializeCheckpoint(checkpoint));
  const double stall = Now() - start;
  M2TTS_RETURN_IF_ERROR(CheckpointFolder(arguments.folder / "run", 2).Write(1, bytes, true, false));
  fmt::print("{:<28} {:.0f} ms stall, {:.0f} ms until it is on disk; {:.0f} MB\n", "checkpoint (acoustic)",
             1e3 * stall, 1e3 * (Now() - start), static_cast<double>(bytes.size()) * 1e-6);
  fmt::print("{:<28} {:.0f} MB\n", "resident at the end", ResidentMegabytes());
  return OkStatus();
}

}  // namespace
}  // namespace m2tts

int main(int argc, char** argv) {
  m2tts::Arguments arguments;
  CLI::App app("Measures training.", "train_bench");
  app.add_option("--clips", arguments.clips, "Of the large corpus")->check(CLI::Range(64, 1000000));
  app.add_option("--seconds", arguments.seconds, "Of each measurement")->check(CLI::PositiveNumber);
  app.add_option("--threads", arguments.threads, "At most")->check(CLI::Range(1, 256));
  CLI11_PARSE(app, argc, argv);
  std::string folder = (std::filesystem::temp_directory_path() / "m2tts_train_bench.XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) return 1;
  arguments.folder = folder;
  const m2tts::Status status = m2tts::Run(arguments);
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  if (status.ok()) return 0;
  std::fprintf(stderr, "train_bench: %s\n", std::string(status.message()).c_str());
  return 1;
}
