#include "core/synthesizer.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "core/audio/pcm16.h"
#include "core/device/device.h"
#include "core/device/guard.h"
#include "core/device/host.h"
#include "core/loudness_gain.h"
#include "core/model/length_regulator.h"
#include "core/model/m2tts_model.h"
#include "core/sentence_batch.h"
#include "core/variation.h"
#include "core/voice/voice_bundle.h"
#include "core/window_synthesis.h"

namespace m2tts {
namespace {

constexpr double kMaxPhonemeSeconds = 1.2;  // a guard against absurd predictions

class ModelSynthesizer : public Synthesizer {
 public:
  ModelSynthesizer(VoiceBundle bundle, const SynthesizerOptions& options, std::unique_ptr<M2TTSModel> model)
      : manifest_(std::move(bundle.manifest)), bytes_(bundle.bytes), model_(std::move(model)) {
    shape_.first = options.first_window_frames;
    shape_.max = options.max_window_frames;
  }

  const VoiceManifest& manifest() const override { return manifest_; }
  const DeviceChoice& device() const override { return choice_; }
  int64_t bundle_bytes() const override { return bytes_; }

  Status PickDevice(const std::string& wanted) {
    const auto golden = [this](const torch::Device& device) { return RunGolden(device); };
    M2TTS_ASSIGN_OR_RETURN(choice_, ChooseDevice(wanted, golden));
    M2TTS_ASSIGN_OR_RETURN(device_, ParseDevice(choice_.device));
    return Guard("moving the model", [&]() -> Status {
      model_->To(device_);
      model_->Settle();
      TrimHeap();  // what loading and laying out needed
      return OkStatus();
    });
  }

  StatusOr<std::unique_ptr<SentenceSynthesis>> Begin(const Sentence& sentence,
                                                     const SynthesisControls& controls) override {
    M2TTS_RETURN_IF_ERROR(controls.Validate(static_cast<int>(manifest_.speakers.size())));
    if (sentence.phonemes.empty()) return InvalidArgument("sentence: it has no phonemes");
    SynthesisControls levelled = controls;
    M2TTS_ASSIGN_OR_RETURN(const double gain, loudness_.For(controls, this));
    levelled.volume *= gain;
    return Guard("synthesis", [&]() -> StatusOr<std::unique_ptr<SentenceSynthesis>> {
      const auto start = std::chrono::steady_clock::now();
      std::unique_ptr<WindowSynthesis> synthesis = BeginOn(device_, sentence, levelled);
      synthesis->AddSeconds(
          {std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), 0.0});
      return std::unique_ptr<SentenceSynthesis>(std::move(synthesis));
    });
  }

  StatusOr<std::vector<std::vector<float>>> Next(const std::vector<SentenceSynthesis*>& sentences) override {
    std::vector<WindowSynthesis*> windows;
    for (SentenceSynthesis* sentence : sentences) {
      if (sentence->done()) return Status(StatusCode::kOutOfRange, "the sentence has been spoken to its end");
      windows.push_back(static_cast<WindowSynthesis*>(sentence));
    }
    return SpeakOrHalve(windows);
  }

 private:
  std::unique_ptr<WindowSynthesis> BeginOn(const torch::Device& device, const Sentence& sentence,
                                           const SynthesisControls& controls) {
    c10::InferenceMode inference;
    const auto weights = SpeakerWeights(controls, static_cast<int>(manifest_.speakers.size()));
    const Variation variation = MakeVariation(sentence, controls.variation, controls.seed);
    const auto batch = MakeMixedBatch({&sentence}, {weights}).To(device);
    const auto plan = model_->acoustic->Predict(batch);
    PitchShift shift = PitchShift::Create(controls.pitch, sample_rate(), manifest_.model.pitch).value();
    const auto durations =
        Durations(plan.log_durations, controls.speed / shift.stretch(), variation.duration);
    const double standardized =
        shift.model_semitones() * std::log(2.0) / 12.0 / model_->acoustic->pitch_deviation(weights);
    const auto pitch = plan.pitch + standardized + torch::tensor(variation.pitch).unsqueeze(0).to(device);
    const auto frames = model_->acoustic->Expand(
        plan, pitch, torch::tensor(durations).unsqueeze(0).to(device), batch.speaker);
    const auto input = model_->acoustic->mel_lag() >= 0
                           ? model_->acoustic->DecoderInput(frames)
                           : model_->acoustic->DecodeMel(frames.hidden, frames.position, {}, batch.speaker);
    return std::make_unique<WindowSynthesis>(shape_, *model_, input[0], batch.speaker, durations,
                                             manifest_.audio.hop_length, controls.volume, std::move(shift));
  }

  // On out-of-memory caches are cleared, and a sentence alone is tried once more with half a window. Of
  // several none has been spoken then: whoever asked tries them one by one.
  StatusOr<std::vector<std::vector<float>>> SpeakOrHalve(const std::vector<WindowSynthesis*>& sentences) {
    auto samples = TrySpeak(sentences);
    if (samples.ok() || !IsOutOfMemory(samples.status())) return samples;
    ClearDeviceCaches();
    if (sentences.size() > 1) return samples;
    sentences.front()->HalveWindow();
    return TrySpeak(sentences);
  }

  StatusOr<std::vector<std::vector<float>>> TrySpeak(const std::vector<WindowSynthesis*>& sentences) {
    return Guard("synthesis", [&]() -> StatusOr<std::vector<std::vector<float>>> {
      return SpeakWindows(model_.get(), sentences);
    });
  }

  std::vector<int64_t> Durations(const torch::Tensor& log_durations, double speed,
                                 const std::vector<double>& variation) const {
    const double most = kMaxPhonemeSeconds * manifest_.audio.frames_per_second();
    const auto values = log_durations.to(torch::kCPU).contiguous();
    std::vector<double> durations;
    for (int64_t i = 0; i < values.size(1); ++i) {
      const double frames =
          std::exp(static_cast<double>(values.data_ptr<float>()[i])) * variation[static_cast<size_t>(i)];
      // NaN becomes one frame.
      durations.push_back(std::isnan(frames) ? 0.0 : std::min(frames, most) / speed);
    }
    return RoundDurations(durations);
  }

  // A short sentence through the whole model on a device, for the check at start.
  StatusOr<torch::Tensor> RunGolden(const torch::Device& device) {
    return Guard("golden sentence", [&]() -> StatusOr<torch::Tensor> {
      model_->To(device);
      const auto synthesis = BeginOn(device, GoldenSentence(), {});
      std::vector<float> wave;
      while (!synthesis->done()) {
        M2TTS_ASSIGN_OR_RETURN(const auto windows, SpeakWindows(model_.get(), {synthesis.get()}));
        wave.insert(wave.end(), windows.front().begin(), windows.front().end());
      }
      return torch::tensor(wave);
    });
  }

  const VoiceManifest manifest_;
  const int64_t bytes_;
  const std::unique_ptr<M2TTSModel> model_;
  WindowShape shape_;
  LoudnessGain loudness_;
  DeviceChoice choice_;
  torch::Device device_ = torch::kCPU;
};

}  // namespace

StatusOr<std::unique_ptr<Synthesizer>> Synthesizer::Load(const std::filesystem::path& voice_folder,
                                                         const SynthesizerOptions& options) {
  M2TTS_ASSIGN_OR_RETURN(VoiceBundle bundle, LoadVoiceBundle(voice_folder));
  const VoiceManifest& manifest = bundle.manifest;
  auto model = Guard("building the model", [&]() -> StatusOr<std::unique_ptr<M2TTSModel>> {
    M2TTS_RETURN_IF_ERROR(
        M2TTSModel::CheckSize(manifest.model, manifest.audio, options.vocoder, bundle.weights));
    M2TTS_ASSIGN_OR_RETURN(auto built, M2TTSModel::Create(manifest.model, manifest.audio, options.vocoder));
    M2TTS_RETURN_IF_ERROR(built->LoadWeights(bundle.weights));
    built->Eval();
    return built;
  });
  if (!model.ok()) return Annotate(model.status(), voice_folder.string());
  auto synthesizer = std::make_unique<ModelSynthesizer>(std::move(bundle), options, *std::move(model));
  M2TTS_RETURN_IF_ERROR(Annotate(synthesizer->PickDevice(options.device), voice_folder.string()));
  return synthesizer;
}

StatusOr<std::vector<float>> SynthesizeSentence(Synthesizer* synthesizer, const Sentence& sentence,
                                                const SynthesisControls& controls) {
  M2TTS_ASSIGN_OR_RETURN(auto synthesis, synthesizer->Begin(sentence, controls));
  std::vector<float> wave;
  wave.reserve(synthesis->total_samples());
  while (!synthesis->done()) {
    M2TTS_ASSIGN_OR_RETURN(const auto samples, synthesizer->Next({synthesis.get()}));
    wave.insert(wave.end(), samples[0].begin(), samples[0].end());
  }
  return wave;
}

Status SpeakGolden(Synthesizer* synthesizer) {
  return SynthesizeSentence(synthesizer, GoldenSentence(), {}).status();
}

Status CheckComputed(const std::vector<std::vector<float>>& windows) {
  for (const std::vector<float>& window : windows) {
    const Status finite = CheckFinite(window.data(), window.size());
    if (!finite.ok()) return Internal("synthesis: {}", std::string(finite.message()));
  }
  return OkStatus();
}

double PauseAfter(const Sentence& sentence) {
  return sentence.ends_paragraph ? 0.5 : 0.2;
}

}  // namespace m2tts
