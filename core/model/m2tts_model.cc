#include "core/model/m2tts_model.h"

#include <numeric>
#include <sstream>

#include "core/model/linear.h"

namespace m2tts {
namespace {

constexpr char kAcousticPrefix[] = "acoustic.";
constexpr char kVocoderPrefix[] = "vocoder.";

void PrepareProducts(const torch::nn::Module& root) {
  for (const auto& module : root.modules()) {
    if (auto* const linear = module->as<Linear>()) linear->Prepare();
  }
}

// The large matrices alone, as doubles: sizes from a file may multiply to anything.
double LeastAcousticWeights(const ModelConfig& config) {
  const double hidden = config.hidden, inner = hidden * config.ffn_multiplier,
               predictor = config.predictor_hidden;
  const double block = 4.0 * hidden * hidden + hidden * inner * (config.ffn_kernel + 1.0);
  const double one_predictor =
      config.predictor_kernel * predictor * (hidden + (config.predictor_layers - 1.0) * predictor);
  const double predictors = 1.0 + (config.pitch ? 1.0 : 0.0) + (config.energy ? 1.0 : 0.0);
  const double speakers = config.speakers > 1 ? config.speakers * hidden : 0.0;
  return (config.encoder_layers + config.decoder_layers) * block + predictors * one_predictor + speakers;
}

double LeastVocoderWeights(const VocoderConfig& config, const AudioConfig& audio) {
  const double hidden = config.hidden;
  if (config.type == "istft") {
    return config.blocks * 2.0 * hidden * hidden * config.expansion + hidden * (audio.n_fft + 2.0);
  }
  if (config.type != "hifigan") return 0.0;
  const double kernels = std::accumulate(config.resblock_kernels.begin(), config.resblock_kernels.end(), 0.0);
  double weights = 0.0;
  int channels = config.hidden;
  for (const int factor : config.upsample) {
    const double above = channels;
    channels /= 2;
    weights += above * channels * 2.0 * factor + kernels * config.resblock_dilations * channels * channels;
  }
  return weights;
}

}  // namespace

AcousticModelImpl::AcousticModelImpl(const ModelConfig& config, const AudioConfig& audio)
    : config_(config), comb_(audio) {
  encoder_ = register_module("encoder", TextEncoder(config));
  durations_ = register_module("durations", DurationPredictor(config));
  if (config.pitch) pitch_ = register_module("pitch", ContourPredictor(config));
  if (config.energy) {
    energy_ = register_module("energy", ContourPredictor(config));
    energy_->ZeroEmbedding();
  }
  decoder_ = register_module("decoder", MelDecoder(config, audio.n_mels));
  mel_stats_ = register_buffer("mel_stats", torch::cat({torch::full({config.speakers, audio.n_mels}, -5.0),
                                                        torch::full({1, audio.n_mels}, 2.5)}));
  const auto pitch = torch::tensor({5.0f, 0.25f});
  pitch_stats_ =
      register_buffer("pitch_stats", config.speakers == 1 ? pitch : pitch.repeat({config.speakers, 1}));
  if (config.energy) {
    energy_stats_ = register_buffer("energy_stats", torch::tensor({0.0f, 1.0f}).repeat({config.speakers, 1}));
  }
}

AcousticModelImpl::Output AcousticModelImpl::forward(const PhonemeBatch& batch,
                                                     const torch::Tensor& durations,
                                                     const torch::Tensor& pitch,
                                                     const torch::Tensor& frame_pitch,
                                                     const torch::Tensor& energy, int64_t frames) {
  const Plan plan = Predict(batch);
  const Expanded expanded = Expand(plan, pitch, durations, batch.speaker, frame_pitch, energy, frames);
  Output output;
  output.mel_mask = LengthMask(expanded.lengths, expanded.hidden.size(1));
  output.mel = decoder_(expanded.hidden, expanded.position, output.mel_mask);
  output.log_durations = plan.log_durations;
  if (config_.pitch) output.pitch = plan.pitch;
  output.energy = plan.energy;
  output.mask = plan.mask;
  return output;
}

AcousticModelImpl::Plan AcousticModelImpl::Predict(const PhonemeBatch& batch) {
  Plan plan;
  plan.mask = LengthMask(batch.lengths, batch.ids.size(1));
  plan.encoded = encoder_(batch, plan.mask);
  plan.log_durations = durations_(plan.encoded, plan.mask);
  plan.pitch = config_.pitch ? pitch_(plan.encoded, plan.mask) : torch::zeros_like(plan.log_durations);
  if (config_.energy) plan.energy = energy_(plan.encoded, plan.mask);
  return plan;
}

torch::Tensor AcousticModelImpl::AddPitch(const torch::Tensor& encoded, const torch::Tensor& pitch,
                                          const torch::Tensor& mask) {
  return config_.pitch ? encoded + pitch_->Embed(pitch, mask) : encoded;
}

Expanded AcousticModelImpl::Expand(const Plan& plan, const torch::Tensor& pitch,
                                   const torch::Tensor& durations, const torch::Tensor& speaker,
                                   const torch::Tensor& frame_pitch, const torch::Tensor& energy,
                                   int64_t frames) {
  auto encoded = AddPitch(plan.encoded, pitch, plan.mask);
  if (config_.energy) {
    encoded = encoded + energy_->Embed(energy.defined() ? energy : plan.energy, plan.mask);
  }
  Expanded expanded = RegulateLength(encoded, durations, frames);
  if (!config_.frame_pitch) return expanded;
  const auto contour = frame_pitch.defined() ? frame_pitch : InterpolateValues(pitch, durations, frames);
  const auto range = SpeakerRows(pitch_stats_.view({-1, 2}), speaker);  // [B, 2]
  const auto log_hertz = range.select(1, 0).unsqueeze(1) + range.select(1, 1).unsqueeze(1) * contour;
  expanded.position = torch::cat({expanded.position, contour.unsqueeze(2), comb_(log_hertz)}, 2);
  return expanded;
}

torch::Tensor AcousticModelImpl::DecodeMel(const torch::Tensor& hidden, const torch::Tensor& position,
                                           const torch::Tensor& mask, const torch::Tensor& speaker) {
  return RestoreMel(decoder_(hidden, position, mask), speaker);
}

int64_t AcousticModelImpl::mel_lag() const {
  return config_.decoder_attention < 0 ? -1 : config_.DecoderReceptiveField() / 2;
}

PackedStep::Rows AcousticModelImpl::DecodeStream(PackedStep* step, const PackedStep::Rows& input,
                                                 const std::vector<torch::Tensor>& speakers) {
  PackedStep::Rows mel = decoder_->Stream(step, input);
  for (size_t i = 0; i < mel.size(); ++i) mel[i] = RestoreMel(mel[i].unsqueeze(0), speakers[i])[0];
  return mel;
}

void AcousticModelImpl::SetStatistics(const SpeechStatistics& statistics) {
  torch::NoGradGuard no_grad;
  mel_stats_.copy_(torch::cat({statistics.mel_mean, statistics.mel_deviation.unsqueeze(0)}));
  pitch_stats_.copy_(statistics.pitch.view_as(pitch_stats_));
  if (config_.energy) energy_stats_.copy_(statistics.energy);
}

torch::Tensor AcousticModelImpl::StandardizeMel(const torch::Tensor& log_mel,
                                                const torch::Tensor& speaker) const {
  return (log_mel - MelMean(speaker)) / mel_stats_[config_.speakers];
}

torch::Tensor AcousticModelImpl::RestoreMel(const torch::Tensor& standardized,
                                            const torch::Tensor& speaker) const {
  return standardized * mel_stats_[config_.speakers] + MelMean(speaker);
}

torch::Tensor AcousticModelImpl::MelMean(const torch::Tensor& speaker) const {
  return SpeakerRows(mel_stats_.narrow(0, 0, config_.speakers), speaker).unsqueeze(1);
}

double AcousticModelImpl::pitch_deviation(const std::vector<double>& weights) const {
  double deviation = 0.0;
  for (size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] > 0.0) deviation += weights[i] * pitch_deviation(static_cast<int>(i));
  }
  return deviation;
}

Status M2TTSModel::CheckSize(const ModelConfig& config, const AudioConfig& audio, const std::string& vocoder,
                             const std::map<std::string, torch::Tensor>& weights) {
  VocoderConfig vocoder_config = config.vocoder;
  if (!vocoder.empty()) vocoder_config.type = vocoder;
  const double least = LeastAcousticWeights(config) + LeastVocoderWeights(vocoder_config, audio);
  double found = 0.0;
  for (const auto& [name, tensor] : weights) found += static_cast<double>(tensor.numel());
  if (found >= least) return OkStatus();
  return InvalidArgument(
      "the weights are {:.0f} numbers, a model of the sizes of voice.json has more than {:.0f}", found,
      least);
}

StatusOr<std::unique_ptr<M2TTSModel>> M2TTSModel::Create(const ModelConfig& config, const AudioConfig& audio,
                                                         const std::string& vocoder) {
  M2TTS_RETURN_IF_ERROR(config.Validate());
  VocoderConfig vocoder_config = config.vocoder;
  if (!vocoder.empty()) vocoder_config.type = vocoder;
  std::unique_ptr<M2TTSModel> model(new M2TTSModel);
  model->acoustic = AcousticModel(config, audio);
  M2TTS_ASSIGN_OR_RETURN(model->vocoder, MakeVocoder(vocoder_config, audio));
  return model;
}

std::map<std::string, torch::Tensor> M2TTSModel::Weights() const {
  auto weights = NamedTensors(*acoustic, kAcousticPrefix);
  weights.merge(NamedTensors(*vocoder, kVocoderPrefix));
  return weights;
}

Status M2TTSModel::LoadWeights(const std::map<std::string, torch::Tensor>& weights) {
  auto wanted = weights;
  if (vocoder->parameters().empty()) {
    for (auto it = wanted.begin(); it != wanted.end();) {
      it = it->first.rfind(kVocoderPrefix, 0) == 0 ? wanted.erase(it) : std::next(it);
    }
  }
  return CopyTensors(wanted, Weights());
}

void M2TTSModel::To(const torch::Device& device) {
  acoustic->to(device);
  vocoder->to(device);
}

void M2TTSModel::Eval() {
  acoustic->eval();
  vocoder->eval();
}

void M2TTSModel::Settle() {
  PrepareProducts(*acoustic);
  PrepareProducts(*vocoder);
}

int64_t M2TTSModel::ParameterCount() const {
  int64_t count = 0;
  for (const auto& parameter : acoustic->parameters()) count += parameter.numel();
  for (const auto& parameter : vocoder->parameters()) count += parameter.numel();
  return count;
}

double GflopPerAudioSecond(const ModelConfig& config, const AudioConfig& audio, const Vocoder& vocoder) {
  constexpr double kPhonemesPerSecond = 14.0;
  constexpr double kSentencePhonemes = 80.0;  // that attention over the whole sentence sees
  const double hidden = config.hidden;
  const auto block = [&](double seen) {
    const double ffn = hidden * hidden * config.ffn_multiplier * (config.ffn_kernel + 1);
    return hidden * config.depthwise_kernel + 4 * hidden * hidden + 2 * hidden * seen + ffn;
  };
  double predictor = 0.0, in = hidden;
  for (int i = 0; i < config.predictor_layers; ++i, in = config.predictor_hidden) {
    predictor += in * config.predictor_hidden * config.predictor_kernel;
  }
  const double seen = config.decoder_attention < 0 ? 500.0 : 2.0 * config.decoder_attention + 1.0;
  const int predictors = 1 + (config.pitch ? 1 : 0) + (config.energy ? 1 : 0);
  const double per_phoneme = config.encoder_layers * block(kSentencePhonemes) + predictors * predictor;
  const double per_frame = config.decoder_layers * block(seen) +
                           hidden * (audio.n_mels + 3 + (config.frame_pitch ? 1 + audio.n_mels : 0));
  const double frames = audio.frames_per_second();
  return (2.0 * (kPhonemesPerSecond * per_phoneme + frames * per_frame) + frames * vocoder.FlopPerFrame()) *
         1e-9;
}

std::string ShapeText(const torch::Tensor& tensor) {
  std::ostringstream text;
  text << tensor.sizes();
  return text.str();
}

std::map<std::string, torch::Tensor> NamedTensors(const torch::nn::Module& module,
                                                  const std::string& prefix) {
  std::map<std::string, torch::Tensor> tensors;
  for (const auto& item : module.named_parameters()) tensors.emplace(prefix + item.key(), item.value());
  for (const auto& item : module.named_buffers()) tensors.emplace(prefix + item.key(), item.value());
  return tensors;
}

Status CopyTensors(const std::map<std::string, torch::Tensor>& values,
                   const std::map<std::string, torch::Tensor>& targets) {
  torch::NoGradGuard no_grad;
  for (const auto& [name, target] : targets) {
    const auto value = values.find(name);
    if (value == values.end()) return InvalidArgument("tensor '{}' is missing", name);
    if (value->second.sizes() != target.sizes()) {
      return InvalidArgument("tensor '{}' has shape {}, the model wants {}", name, ShapeText(value->second),
                             ShapeText(target));
    }
  }
  for (const auto& [name, value] : values) {
    const auto target = targets.find(name);
    if (target == targets.end()) return InvalidArgument("tensor '{}' is not part of the model", name);
    torch::Tensor destination = target->second;
    destination.copy_(value);
  }
  return OkStatus();
}

}  // namespace m2tts
