// Speed of the bare synthesizer, without a server: real-time factor, share of the arithmetic that the machine
// does in the same run, first window, and how a batch pays.
//
//   synthesis_bench [--voice voices/en_US-slt] [--threads 1] [--seconds 2] [--first] [--json]
//
// Nothing else should run on the machine.
#include <fmt/format.h>
#include <torch/torch.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "core/base/install_paths.h"
#include "core/device/runtime.h"
#include "core/model/m2tts_model.h"
#include "core/synthesizer.h"
#include "core/text/frontend.h"

namespace m2tts {
namespace {

using Clock = std::chrono::steady_clock;

struct Arguments {
  std::string voice = M2TTS_SOURCE_DIR "/voices/en_US-slt";
  int threads = 1;
  double seconds = 2.0;  // of each measurement
  bool first = false;    // no other sentence than the first
  bool json = false;
};

// 100 characters, as the serving benchmarks speak.
constexpr char kHundred[] =
    "A quiet morning settled over the harbour while two old fishermen mended their nets and talked of rain.";
constexpr char kShort[] = "Yes, of course.";

double Since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double SgemmGflops(double seconds) {
  torch::NoGradGuard no_grad;
  const auto a = torch::rand({1024, 1024}), b = torch::rand({1024, 1024});
  auto c = torch::empty({1024, 1024});
  double best = 1e9;
  for (const auto start = Clock::now(); Since(start) < seconds;) {
    const auto one = Clock::now();
    torch::matmul_out(c, a, b);
    best = std::min(best, Since(one));
  }
  return 2.0 * 1.024 * 1.024 * 1.024 / best;
}

struct Measured {
  double audio_seconds = 0.0;  // of one sentence
  double seconds = 0.0;        // median for all of it
  double first_seconds = 0.0;  // median until its first window
  StageSeconds stages;         // of the last
};

double Median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<int64_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

// `together` times the sentence in one batch.
StatusOr<Measured> Speak(Synthesizer* synthesizer, const Sentence& sentence, size_t together,
                         double seconds) {
  Measured measured;
  std::vector<double> whole, first;
  for (const auto start = Clock::now(); Since(start) < seconds || whole.size() < 5;) {
    const auto one = Clock::now();
    std::vector<std::unique_ptr<SentenceSynthesis>> sentences;
    std::vector<SentenceSynthesis*> batch;
    for (size_t i = 0; i < together; ++i) {
      M2TTS_ASSIGN_OR_RETURN(auto begun, synthesizer->Begin(sentence, {}));
      sentences.push_back(std::move(begun));
      batch.push_back(sentences.back().get());
    }
    M2TTS_RETURN_IF_ERROR(synthesizer->Next(batch).status());
    first.push_back(Since(one));
    while (!batch[0]->done()) M2TTS_RETURN_IF_ERROR(synthesizer->Next(batch).status());
    whole.push_back(Since(one));
    measured.audio_seconds = static_cast<double>(batch[0]->total_samples()) / synthesizer->sample_rate();
    measured.stages = batch[0]->stage_seconds();
  }
  measured.seconds = Median(whole) / static_cast<double>(together);
  measured.first_seconds = Median(first) / static_cast<double>(together);
  return measured;
}

StatusOr<Sentence> Read(const TextFrontend& frontend, const std::string& text) {
  M2TTS_ASSIGN_OR_RETURN(const auto reader, frontend.Read(text));
  const auto sentence = reader->Next();
  if (!sentence.has_value()) return InvalidArgument("nothing to speak");
  return *sentence;
}

Status Run(const Arguments& arguments) {
  ConfigureCpuThreads(arguments.threads);
  TextFrontendOptions options;
  options.lexicon_path = FindInstallPaths().lexicon;
  M2TTS_ASSIGN_OR_RETURN(const auto frontend, TextFrontend::Create(options));
  SynthesizerOptions load;
  load.device = "cpu";
  M2TTS_ASSIGN_OR_RETURN(const auto synthesizer, Synthesizer::Load(arguments.voice, load));
  const VoiceManifest& manifest = synthesizer->manifest();
  M2TTS_ASSIGN_OR_RETURN(const auto vocoder, MakeVocoder(manifest.model.vocoder, manifest.audio));
  const double gflop = GflopPerAudioSecond(manifest.model, manifest.audio, *vocoder);
  const double sgemm = SgemmGflops(std::min(1.0, arguments.seconds));

  nlohmann::ordered_json json = {{"sgemm_gflops", sgemm}, {"gflop_per_audio_second", gflop}};
  if (!arguments.json) {
    fmt::print("sgemm {:.1f} GFLOP/s, model {:.3f} GFLOP per second of audio, {} thread(s)\n\n", sgemm, gflop,
               arguments.threads);
    fmt::print("{:<22} {:>7} {:>8} {:>9} {:>10} {:>9} {:>12}\n", "sentence", "audio s", "RTF", "of sgemm",
               "first ms", "acoustic", "vocoder");
  }
  struct Case {
    const char* name;
    const char* text;
    size_t together;
  };
  for (const Case& c : {Case{"100 characters", kHundred, 1}, Case{"15 characters", kShort, 1},
                        Case{"100 characters x 4", kHundred, 4}, Case{"100 characters x 16", kHundred, 16}}) {
    M2TTS_ASSIGN_OR_RETURN(const Sentence sentence, Read(*frontend, c.text));
    M2TTS_ASSIGN_OR_RETURN(const Measured m,
                           Speak(synthesizer.get(), sentence, c.together, arguments.seconds));
    const double rtf = m.seconds / m.audio_seconds, share = gflop / rtf / sgemm;
    json["sentences"].push_back({{"name", c.name},
                                 {"text", c.text},
                                 {"audio_seconds", m.audio_seconds},
                                 {"rtf", rtf},
                                 {"share_of_sgemm", share},
                                 {"first_ms", 1e3 * m.first_seconds}});
    if (!arguments.json) {
      fmt::print("{:<22} {:>7.2f} {:>8.5f} {:>7.0f} % {:>10.2f} {:>6.2f} ms {:>9.2f} ms\n", c.name,
                 m.audio_seconds, rtf, 100.0 * share, 1e3 * m.first_seconds, 1e3 * m.stages.acoustic,
                 1e3 * m.stages.vocoder);
    }
    if (arguments.first) break;
  }
  if (arguments.json) fmt::print("{}\n", json.dump(2));
  return OkStatus();
}

}  // namespace
}  // namespace m2tts

int main(int argc, char** argv) {
  m2tts::Arguments arguments;
  CLI::App app("Speed of the bare synthesizer.");
  app.add_option("--voice", arguments.voice, "Folder of the voice")->capture_default_str();
  app.add_option("--threads", arguments.threads, "Threads of one operator")->capture_default_str();
  app.add_option("--seconds", arguments.seconds, "Length of each measurement")->capture_default_str();
  app.add_flag("--first", arguments.first, "Measure only the first sentence");
  app.add_flag("--json", arguments.json, "Print JSON");
  CLI11_PARSE(app, argc, argv);
  const m2tts::Status status = m2tts::Run(arguments);
  if (status.ok()) return 0;
  fmt::print(stderr, "synthesis_bench: {}\n", std::string(status.message()));
  return 1;
}
