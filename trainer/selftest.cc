#include "trainer/selftest.h"

#include <algorithm>
#include <cmath>

#include "core/model/m2tts_model.h"
#include "trainer/data/dataset.h"
#include "trainer/export/exporter.h"
#include "trainer/pipeline.h"
#include "trainer/speak.h"

namespace m2tts {
namespace {

constexpr int kClips = 24;
constexpr int64_t kMaxParameters = 63330;

// The sizes of configs/stage1_poc.yaml with a handful of steps.
std::string TinyConfig(const std::filesystem::path& folder) {
  return fmt::format(R"(name: selftest
licence: Apache-2.0
threads: 1
data: {{root: {0}/corpus, cache: {0}/cache, validation: 3}}
model:
  {{hidden: 32, heads: 2, encoder_layers: 1, decoder_layers: 1, ffn_multiplier: 2, predictor_hidden: 32, predictor_layers: 1,
   vocoder: {{type: hifigan, hidden: 32, upsample: [8, 8, 4], resblock_kernels: [3], resblock_dilations: 1}}}}
aligner: {{steps: 30, learning_rate: 0.003, frames_per_batch: 1500, warmup_steps: 5}}
acoustic: {{steps: 30, learning_rate: 0.003, frames_per_batch: 1500, warmup_steps: 5}}
vocoder: {{steps: 6, segments_per_batch: 2, segment_frames: 24, warmup_steps: 2}}
)",
                     folder.string());
}

Status CheckAudio(const std::vector<float>& wave) {
  const bool finite =
      std::all_of(wave.begin(), wave.end(), [](float x) { return std::isfinite(x) && std::abs(x) <= 1.0f; });
  if (!finite) return Internal("selftest: the audio has samples outside [-1, 1]");
  const float loudest = std::abs(*std::max_element(
      wave.begin(), wave.end(), [](float a, float b) { return std::abs(a) < std::abs(b); }));
  if (loudest < 1e-6f) return Internal("selftest: the audio is silent");
  return OkStatus();
}

}  // namespace

Status RunSelftest(const std::filesystem::path& folder, const std::filesystem::path& lexicon,
                   const std::function<void(const std::string&)>& report) {
  M2TTS_RETURN_IF_ERROR(WriteDummyCorpus(folder / "corpus", kClips, 22050));
  report(fmt::format("corpus: {} clips written", kClips));

  M2TTS_ASSIGN_OR_RETURN(const TrainConfig config, ParseTrainConfig(TinyConfig(folder), "selftest"));
  M2TTS_ASSIGN_OR_RETURN(const auto model, M2TTSModel::Create(config.model, config.audio));
  if (model->ParameterCount() > kMaxParameters) {
    return Internal("selftest: the minimal model has {} parameters, at most {} allowed",
                    model->ParameterCount(), kMaxParameters);
  }
  report(fmt::format("model: {} parameters, vocoder included", model->ParameterCount()));

  PipelineOptions options;
  options.run = folder / "run";
  options.lexicon = lexicon;
  M2TTS_RETURN_IF_ERROR(RunPipeline(config, options));
  report("training: aligner, acoustic model and vocoder ran to their last step");

  ExportOptions export_options;
  export_options.run = options.run;
  export_options.output = folder / "selftest-voice";
  M2TTS_ASSIGN_OR_RETURN(const ExportReport exported, ExportVoice(export_options));
  report(fmt::format("export: {} bytes, read back equal", exported.bytes));

  M2TTS_ASSIGN_OR_RETURN(const auto speaker, Speaker::Load(export_options.output, lexicon, {}));
  M2TTS_ASSIGN_OR_RETURN(const auto wave, speaker->Say("Hello world."));
  M2TTS_RETURN_IF_ERROR(CheckAudio(wave));
  report(fmt::format("synthesis: {:.2f} s of audio on {}",
                     static_cast<double>(wave.size()) / speaker->sample_rate(),
                     speaker->synthesizer().device().device));

  SynthesizerOptions griffin_lim;
  griffin_lim.vocoder = "griffin_lim";
  M2TTS_ASSIGN_OR_RETURN(const auto fallback, Speaker::Load(export_options.output, lexicon, griffin_lim));
  M2TTS_ASSIGN_OR_RETURN(const auto rough, fallback->Say("Hello world."));
  if (rough.size() != wave.size())
    return Internal("selftest: Griffin-Lim made {} samples, the vocoder {}", rough.size(), wave.size());
  M2TTS_RETURN_IF_ERROR(CheckAudio(rough));
  report("synthesis: Griffin-Lim speaks the same length");
  return OkStatus();
}

}  // namespace m2tts
