#include "core/model/istft_vocoder.h"

#include "core/audio/stft.h"
#include "core/model/recompute.h"

namespace m2tts {
namespace {

// exp(6) = 403 is louder than any full-scale sine under a 1024-point Hann window (256).
constexpr double kMaxLogMagnitude = 6.0;

// Frames that inverse-STFT windows reach beyond a frame's own hop, rounded up.
int64_t OverlapFrames(const AudioConfig& audio) {
  return audio.n_fft / 2 / audio.hop_length;
}

}  // namespace

ConvNextBlockImpl::ConvNextBlockImpl(int64_t channels, int64_t expanded, int64_t kernel, double layer_scale) {
  depthwise_ = register_module("depthwise", DepthwiseConv(channels, kernel));
  norm_ = register_module("norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({channels})));
  in_ = register_module("in", torch::nn::Linear(channels, expanded));
  out_ = register_module("out", torch::nn::Linear(expanded, channels));
  scale_ = register_parameter("scale", torch::full({channels}, layer_scale));
}

torch::Tensor ConvNextBlockImpl::forward(const torch::Tensor& x) {
  return x + out_(torch::gelu(in_(norm_(depthwise_(x).to(torch::kFloat32))))) * scale_;
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
  head_ = register_module("head", torch::nn::Linear(config.hidden, audio.n_fft + 2));
  window_ = HannWindow(audio.n_fft, torch::kFloat32);
}

torch::Tensor IstftVocoder::forward(const torch::Tensor& log_mel, const torch::Tensor& mask) {
  const auto masked = [&mask](const torch::Tensor& x) { return mask.defined() ? x * mask : x; };
  auto x = masked(in_norm_(in_(masked(ScaleLogMel(log_mel))).to(torch::kFloat32)));
  for (const auto& module : *blocks_) {
    auto* const block = module->as<ConvNextBlock>();
    const auto run = [block](const torch::Tensor& input) { return block->forward(input); };
    x = masked(recompute_ ? Recompute(run, x, block->parameters()) : run(x));
  }
  // float32 under autocast too: the spectrum has a wide range.
  const auto polar = head_(out_norm_(x)).to(torch::kFloat32).transpose(1, 2).chunk(2, 1);  // 2 x [B, bins, F]
  auto magnitude = polar[0].clamp_max(kMaxLogMagnitude).exp();
  if (mask.defined()) magnitude = magnitude * mask.transpose(1, 2);
  const Spectrum spectrum{magnitude * polar[1].cos(), magnitude * polar[1].sin()};

  const auto window = window_.to(log_mel.device());
  const int64_t frames = log_mel.size(1);
  const auto sum = OverlapAdd(InverseFrames(spectrum, audio_.n_fft, window), audio_.hop_length);
  const auto squares = masked(window.square().view({1, 1, -1}).expand({1, frames, audio_.n_fft}));
  const auto energy = OverlapAdd(squares, audio_.hop_length);
  // The signal starts at the centre of the first frame; there the energy is above zero.
  const int64_t start = audio_.n_fft / 2, length = frames * audio_.hop_length;
  return sum.narrow(1, start, length) / energy.narrow(1, start, length).clamp_min(1e-8);
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
