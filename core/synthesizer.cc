#include "core/synthesizer.h"

#include <algorithm>
#include <cmath>

#include "core/device/device.h"
#include "core/device/guard.h"
#include "core/model/length_regulator.h"
#include "core/model/m2tts_model.h"
#include "core/sentence_batch.h"
#include "core/voice/voice_bundle.h"

namespace m2tts {
namespace {

constexpr double kMaxFramesPerPhoneme = 100.0;  // 1.2 s: a guard against absurd predictions
constexpr int kMinWindowFrames = 8;

// Above this amplitude the limiter bends instead of clipping.
constexpr double kLimiterKnee = 0.9;

torch::Tensor ApplyVolume(const torch::Tensor& wave, double volume) {
  const auto scaled = wave * volume;
  const auto magnitude = scaled.abs();
  const double room = 1.0 - kLimiterKnee;
  const auto bent = kLimiterKnee + room * torch::tanh((magnitude - kLimiterKnee) / room);
  return torch::where(magnitude <= kLimiterKnee, scaled, bent * scaled.sign());
}

// One sentence: durations fixed by Begin, mel and audio computed in windows that start
// small (early first audio) and double.
class WindowedSynthesis : public SentenceSynthesis {
 public:
  WindowedSynthesis(M2TTSModel* model, const ModelConfig& config, const SynthesizerOptions& options,
                    Expanded frames, torch::Tensor speaker, std::vector<int64_t> durations, int64_t hop,
                    double volume)
      : model_(model),
        frames_(std::move(frames)),
        speaker_(std::move(speaker)),
        total_frames_(frames_.hidden.size(1)),
        hop_(hop),
        volume_(volume),
        mel_context_(config.decoder_attention < 0 ? -1 : config.DecoderReceptiveField() / 2),
        vocoder_context_(model->vocoder->context_frames()),
        window_(options.first_window_frames),
        max_window_(options.max_window_frames) {
    for (const int64_t duration : durations) phoneme_samples_.push_back(duration * hop);
  }

  int64_t total_samples() const override { return total_frames_ * hop_; }
  const std::vector<int64_t>& phoneme_samples() const override { return phoneme_samples_; }
  bool done() const override { return next_frame_ >= total_frames_; }

  StatusOr<std::vector<float>> Next() override {
    if (done()) return Status(StatusCode::kOutOfRange, "the sentence has been spoken to its end");
    std::vector<float> samples;
    M2TTS_RETURN_IF_ERROR(RetryOnOutOfMemory(window_, [&](int frames) {
      return Guard("synthesis", [&]() -> Status {
        samples = Window(frames);
        return OkStatus();
      });
    }));
    window_ = std::min(window_ * 2, max_window_);
    return samples;
  }

 private:
  // The first frame and the end of [begin, end) with context, inside the sentence.
  std::pair<int64_t, int64_t> Widen(int64_t begin, int64_t end, int64_t context) const {
    if (context < 0) return {0, total_frames_};
    return {std::max<int64_t>(0, begin - context), std::min(total_frames_, end + context)};
  }

  std::vector<float> Window(int frames) {
    c10::InferenceMode inference;
    const int64_t begin = next_frame_;
    int64_t end = vocoder_context_ < 0 ? total_frames_ : std::min(begin + frames, total_frames_);
    if (total_frames_ - end < kMinWindowFrames) end = total_frames_;
    const auto [from, to] = Widen(begin, end, vocoder_context_);
    DecodeUntil(to);
    const auto mel = mel_.narrow(1, from - mel_begin_, to - from);
    const auto wave = model_->vocoder->forward(mel).narrow(1, (begin - from) * hop_, (end - begin) * hop_);
    const auto audible = ApplyVolume(wave, volume_).to(torch::kCPU).contiguous();
    next_frame_ = end;
    DropMelBefore(vocoder_context_ < 0 ? end : std::max<int64_t>(0, end - vocoder_context_));
    const float* data = audible.data_ptr<float>();
    return std::vector<float>(data, data + audible.numel());
  }

  // Makes log-mel available up to frame `end`.
  void DecodeUntil(int64_t end) {
    if (end <= mel_end_) return;
    const auto [from, to] = Widen(mel_end_, end, mel_context_);
    const int64_t last = mel_context_ < 0 ? total_frames_ : end;
    const auto options = torch::TensorOptions().device(frames_.hidden.device());
    const auto mask = torch::ones({1, to - from, 1}, options);
    const auto mel = model_->acoustic
                         ->DecodeMel(frames_.hidden.narrow(1, from, to - from),
                                     frames_.position.narrow(1, from, to - from), mask, speaker_)
                         .narrow(1, mel_end_ - from, last - mel_end_);
    mel_ = mel_.defined() ? torch::cat({mel_, mel}, 1) : mel;
    mel_end_ = last;
  }

  void DropMelBefore(int64_t frame) {
    mel_ = mel_.narrow(1, frame - mel_begin_, mel_end_ - frame);
    mel_begin_ = frame;
  }

  M2TTSModel* const model_;
  const Expanded frames_;
  const torch::Tensor speaker_;  // int64 [1]
  const int64_t total_frames_;
  const int64_t hop_;
  const double volume_;
  const int64_t mel_context_;
  const int64_t vocoder_context_;
  int window_;
  const int max_window_;
  std::vector<int64_t> phoneme_samples_;

  int64_t next_frame_ = 0;
  torch::Tensor mel_;  // log-mel of frames [mel_begin_, mel_end_)
  int64_t mel_begin_ = 0;
  int64_t mel_end_ = 0;
};

class ModelSynthesizer : public Synthesizer {
 public:
  ModelSynthesizer(VoiceBundle bundle, SynthesizerOptions options, std::unique_ptr<M2TTSModel> model)
      : manifest_(std::move(bundle.manifest)),
        bytes_(bundle.bytes),
        options_(std::move(options)),
        model_(std::move(model)) {}

  const VoiceManifest& manifest() const override { return manifest_; }
  const DeviceChoice& device() const override { return choice_; }
  int64_t bundle_bytes() const override { return bytes_; }

  Status PickDevice() {
    const auto golden = [this](const torch::Device& device) { return RunGolden(device); };
    M2TTS_ASSIGN_OR_RETURN(choice_, ChooseDevice(options_.device, golden));
    M2TTS_ASSIGN_OR_RETURN(device_, ParseDevice(choice_.device));
    return Guard("moving the model", [&]() -> Status {
      model_->To(device_);
      return OkStatus();
    });
  }

  StatusOr<std::unique_ptr<SentenceSynthesis>> Begin(const Sentence& sentence,
                                                     const SynthesisControls& controls) override {
    M2TTS_RETURN_IF_ERROR(controls.Validate(static_cast<int>(manifest_.speakers.size())));
    if (sentence.phonemes.empty()) return InvalidArgument("sentence: it has no phonemes");
    return Guard("synthesis", [&] { return BeginOn(device_, sentence, controls); });
  }

 private:
  StatusOr<std::unique_ptr<SentenceSynthesis>> BeginOn(const torch::Device& device, const Sentence& sentence,
                                                       const SynthesisControls& controls) {
    c10::InferenceMode inference;
    const auto batch = MakePhonemeBatch({&sentence}, {controls.speaker}).To(device);
    const auto plan = model_->acoustic->Predict(batch);
    const auto durations = Durations(plan.log_durations, controls.speed);
    const double shift =
        controls.pitch * std::log(2.0) / 12.0 / model_->acoustic->pitch_deviation(controls.speaker);
    auto frames = model_->acoustic->Expand(plan, plan.pitch + shift,
                                           torch::tensor(durations).unsqueeze(0).to(device), batch.speaker);
    return std::make_unique<WindowedSynthesis>(model_.get(), manifest_.model, options_, std::move(frames),
                                               batch.speaker, durations, manifest_.audio.hop_length,
                                               controls.volume);
  }

  static std::vector<int64_t> Durations(const torch::Tensor& log_durations, double speed) {
    const auto values = log_durations.to(torch::kCPU).contiguous();
    std::vector<double> durations;
    for (int64_t i = 0; i < values.size(1); ++i) {
      const double frames = std::exp(static_cast<double>(values.data_ptr<float>()[i]));
      // NaN fails the comparison too, and becomes one frame.
      durations.push_back((frames <= kMaxFramesPerPhoneme ? frames : kMaxFramesPerPhoneme) / speed);
    }
    return RoundDurations(durations);
  }

  // A short sentence through the whole model on a device, for the check at start.
  StatusOr<torch::Tensor> RunGolden(const torch::Device& device) {
    return Guard("golden sentence", [&]() -> StatusOr<torch::Tensor> {
      model_->To(device);
      M2TTS_ASSIGN_OR_RETURN(auto synthesis, BeginOn(device, GoldenSentence(), {}));
      std::vector<float> wave;
      while (!synthesis->done()) {
        M2TTS_ASSIGN_OR_RETURN(const auto samples, synthesis->Next());
        wave.insert(wave.end(), samples.begin(), samples.end());
      }
      return torch::tensor(wave);
    });
  }

  const VoiceManifest manifest_;
  const int64_t bytes_;
  const SynthesizerOptions options_;
  const std::unique_ptr<M2TTSModel> model_;
  DeviceChoice choice_;
  torch::Device device_ = torch::kCPU;
};

Status CheckRange(const char* field, double value, double min, double max) {
  if (value >= min && value <= max) return OkStatus();
  return InvalidArgument("{}: {} is outside [{}, {}]", field, value, min, max);
}

}  // namespace

Status SynthesisControls::Validate(int speaker_count) const {
  if (speaker < 0 || speaker >= speaker_count) {
    return InvalidArgument("speaker: {} is outside [0, {}]", speaker, speaker_count - 1);
  }
  M2TTS_RETURN_IF_ERROR(CheckRange("speed", speed, 0.25, 4.0));
  M2TTS_RETURN_IF_ERROR(CheckRange("pitch", pitch, -12.0, 12.0));
  return CheckRange("volume", volume, 0.0, 4.0);
}

StatusOr<std::unique_ptr<Synthesizer>> Synthesizer::Load(const std::filesystem::path& voice_folder,
                                                         const SynthesizerOptions& options) {
  M2TTS_ASSIGN_OR_RETURN(VoiceBundle bundle, LoadVoiceBundle(voice_folder));
  M2TTS_ASSIGN_OR_RETURN(auto model,
                         M2TTSModel::Create(bundle.manifest.model, bundle.manifest.audio, options.vocoder));
  M2TTS_RETURN_IF_ERROR(Annotate(model->LoadWeights(bundle.weights), voice_folder.string()));
  model->Eval();
  auto synthesizer = std::make_unique<ModelSynthesizer>(std::move(bundle), options, std::move(model));
  M2TTS_RETURN_IF_ERROR(Annotate(synthesizer->PickDevice(), voice_folder.string()));
  return synthesizer;
}

StatusOr<std::vector<float>> SynthesizeSentence(Synthesizer* synthesizer, const Sentence& sentence,
                                                const SynthesisControls& controls) {
  M2TTS_ASSIGN_OR_RETURN(auto synthesis, synthesizer->Begin(sentence, controls));
  std::vector<float> wave;
  wave.reserve(synthesis->total_samples());
  while (!synthesis->done()) {
    M2TTS_ASSIGN_OR_RETURN(const auto samples, synthesis->Next());
    wave.insert(wave.end(), samples.begin(), samples.end());
  }
  return wave;
}

double PauseAfter(const Sentence& sentence) {
  return sentence.ends_paragraph ? 0.5 : 0.2;
}

}  // namespace m2tts
