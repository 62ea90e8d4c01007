#include "core/model/istft_vocoder.h"

#include "core/audio/stft.h"
#include "core/model/recompute.h"

namespace m2tts {
namespace {

// exp(6) = 403 is louder than any full-scale sine under a 1024-point Hann window (256).
constexpr double kMaxLogMagnitude = 6.0;

// Frames that inverse-STFT windows reach beyond a frame's own hop, rounded up.
int64_t OverlapFrames(const AudioConfig& audio) {
  return (audio.n_fft / 2 + audio.hop_length - 1) / audio.hop_length;
}

// [B, F, n_fft] -> [B, F, hop]: the signal starts at the centre of the first frame.
torch::Tensor Overlap(const AudioConfig& audio, const torch::Tensor& frames) {
  const int64_t count = frames.size(1), hop = audio.hop_length;
  return OverlapAdd(frames, hop).narrow(1, audio.n_fft / 2, count * hop).view({frames.size(0), count, hop});
}

}  // namespace

ConvNextBlockImpl::ConvNextBlockImpl(int64_t channels, int64_t expanded, int64_t kernel, double layer_scale) {
  depthwise_ = register_module("depthwise", DepthwiseConv(channels, kernel));
  norm_ = register_module("norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({channels})));
  in_ = register_module("in", Linear(channels, expanded));
  out_ = register_module("out", Linear(expanded, channels));
  scale_ = register_parameter("scale", torch::full({channels}, layer_scale));
}

torch::Tensor ConvNextBlockImpl::forward(const torch::Tensor& x) {
  const auto expanded = in_->Gelu(norm_(depthwise_(x).to(torch::kFloat32)));
  return torch::addcmul(x, out_(expanded), scale_);
}

IstftVocoder::IstftVocoder(const VocoderConfig& config, const AudioConfig& audio)
    : config_(config), audio_(audio) {
  const auto norm = [&] { return torch::nn::LayerNorm(torch::nn::LayerNormOptions({config.hidden})); };
  in_ = register_module("in", TimeConv(audio.n_mels, config.hidden, config.kernel));
  in_norm_ = register_module("in_norm", norm());
  blocks_ = register_module("blocks", torch::nn::ModuleList());
  for (int i = 0; i < config.blocks; ++i) {
    blocks_->push_back(
        ConvNextBlock(config.hidden, config.hidden * config.expansion, config.kernel, 1.0 / config.blocks));
  }
  out_norm_ = register_module("out_norm", norm());
  head_ = register_module("head", Linear(config.hidden, audio.n_fft + 2));
  window_ = HannWindow(audio.n_fft, torch::kFloat32);
  const int64_t reach = OverlapFrames(audio);
  inner_energy_ = Energy(2 * reach + 1, {}, torch::kCPU).narrow(1, reach, 1).clone();
}

torch::Tensor IstftVocoder::Enter(const torch::Tensor& scaled) {
  return in_norm_(in_(scaled).to(torch::kFloat32));
}

torch::Tensor IstftVocoder::Frames(const torch::Tensor& hidden) {
  // float32 under autocast too: the spectrum has a wide range.
  const auto polar =
      head_(out_norm_(hidden)).to(torch::kFloat32).transpose(1, 2).chunk(2, 1);  // 2 x [B, bins, F]
  const auto magnitude = polar[0].clamp_max(kMaxLogMagnitude).exp();
  const Spectrum spectrum{magnitude * polar[1].cos(), magnitude * polar[1].sin()};
  return InverseFrames(spectrum, audio_.n_fft, window_.to(hidden.device()));
}

torch::Tensor IstftVocoder::Energy(int64_t count, const torch::Tensor& mask,
                                   const torch::Device& device) const {
  const auto squares = window_.to(device).square().view({1, 1, -1}).expand({1, count, audio_.n_fft});
  return Overlap(audio_, Masked(squares, mask)).clamp_min(1e-8);
}

torch::Tensor IstftVocoder::Join(const torch::Tensor& frames, const torch::Tensor& energy) const {
  return Overlap(audio_, frames) / energy;
}

torch::Tensor IstftVocoder::forward(const torch::Tensor& log_mel) {
  auto x = Enter(ScaleLogMel(log_mel));
  for (const auto& module : *blocks_) {
    auto* const block = module->as<ConvNextBlock>();
    const auto run = [block](const torch::Tensor& input) { return block->forward(input); };
    x = recompute_ ? Recompute(run, x, block->parameters()) : run(x);
  }
  return Join(Frames(x), Energy(x.size(1), {}, x.device())).flatten(1);
}

PackedStep::Rows IstftVocoder::Stream(PackedStep* step, const PackedStep::Rows& log_mel) {
  using torch::Tensor;
  PackedStep::Rows rows;
  for (const Tensor& mel : log_mel) rows.push_back(ScaleLogMel(mel));
  rows = step->Through(
      in_->reach(), [this](const Tensor& x, const Tensor&) { return Enter(x); }, rows);
  for (const auto& module : *blocks_) {
    auto* const block = module->as<ConvNextBlock>();
    rows = step->Through(
        block->reach(), [block](const Tensor& x, const Tensor&) { return block->forward(x); }, rows);
  }
  rows = step->Each([this](const Tensor& x) { return Frames(x); }, rows);
  const auto join = [this](const Tensor& x, const Tensor& mask) {
    return Join(x, mask.defined() ? Energy(x.size(1), mask, x.device()) : inner_energy_.to(x.device()));
  };
  return step->Through(OverlapFrames(audio_), join, rows);
}

int64_t IstftVocoder::context_frames() const {
  return (config_.blocks + 1) * (config_.kernel / 2) + OverlapFrames(audio_);
}

double IstftVocoder::FlopPerFrame() const {
  const double hidden = config_.hidden;
  const double block = hidden * config_.kernel + 2.0 * hidden * hidden * config_.expansion;
  return 2.0 *
         (audio_.n_mels * hidden * config_.kernel + config_.blocks * block + hidden * (audio_.n_fft + 2));
}

}  // namespace m2tts
