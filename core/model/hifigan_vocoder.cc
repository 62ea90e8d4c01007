#include "core/model/hifigan_vocoder.h"

#include <algorithm>
#include <cmath>

#include "core/model/recompute.h"

namespace m2tts {
namespace {

constexpr double kLeak = 0.1;
constexpr int64_t kEdgeKernel = 7;  // of the first and the last convolution

int64_t Dilation(int index) {
  return 2 * index + 1;
}

// MPS breaks on convolutions over 65 536 or more samples; HifiganVocoder therefore gets
// windows of frames, never whole sentences, there.
torch::nn::Conv1d SameConv(int64_t in, int64_t out, int64_t kernel, int64_t dilation = 1) {
  return torch::nn::Conv1d(
      torch::nn::Conv1dOptions(in, out, kernel).padding(dilation * (kernel - 1) / 2).dilation(dilation));
}

}  // namespace

HifiganVocoder::HifiganVocoder(const VocoderConfig& config, const AudioConfig& audio)
    : config_(config), audio_(audio) {
  in_ = register_module("in", SameConv(audio.n_mels, config.hidden, kEdgeKernel));
  upsamplers_ = register_module("upsamplers", torch::nn::ModuleList());
  resblocks_ = register_module("resblocks", torch::nn::ModuleList());
  int64_t channels = config.hidden;
  for (const int factor : config.upsample) {
    // Kernel 2 * factor, cropped to exactly `factor` samples per input in forward().
    upsamplers_->push_back(torch::nn::ConvTranspose1d(
        torch::nn::ConvTranspose1dOptions(channels, channels / 2, 2 * factor).stride(factor)));
    channels /= 2;
    for (const int kernel : config.resblock_kernels) {
      for (int i = 0; i < config.resblock_dilations; ++i) {
        resblocks_->push_back(SameConv(channels, channels, kernel, Dilation(i)));
      }
    }
  }
  out_ = register_module("out", SameConv(channels, 1, kEdgeKernel));
}

torch::Tensor HifiganVocoder::forward(const torch::Tensor& log_mel) {
  auto x = in_(ScaleLogMel(log_mel).transpose(1, 2));
  for (size_t stage = 0; stage < config_.upsample.size(); ++stage) {
    const auto run = [this, stage](const torch::Tensor& input) { return Upsample(stage, input); };
    x = recompute_ ? Recompute(run, x, StageParameters(stage)) : run(x);
  }
  return torch::tanh(out_(torch::leaky_relu(x, kLeak)).to(torch::kFloat32)).squeeze(1);
}

torch::Tensor HifiganVocoder::Upsample(size_t stage, const torch::Tensor& input) {
  const int64_t factor = config_.upsample[stage];
  const int64_t length = input.size(2) * factor;
  auto x = upsamplers_[stage]->as<torch::nn::ConvTranspose1d>()->forward(torch::leaky_relu(input, kLeak));
  x = x.narrow(2, factor / 2, length);
  size_t block = stage * BlocksPerStage();
  torch::Tensor sum;
  for (size_t k = 0; k < config_.resblock_kernels.size(); ++k) {
    auto y = x;
    for (int i = 0; i < config_.resblock_dilations; ++i) {
      y = y + resblocks_[block++]->as<torch::nn::Conv1d>()->forward(torch::leaky_relu(y, kLeak));
    }
    sum = k == 0 ? y : sum + y;
  }
  return sum / static_cast<double>(config_.resblock_kernels.size());
}

std::vector<torch::Tensor> HifiganVocoder::StageParameters(size_t stage) {
  auto parameters = upsamplers_[stage]->parameters();
  for (size_t i = 0; i < BlocksPerStage(); ++i) {
    for (const auto& parameter : resblocks_[stage * BlocksPerStage() + i]->parameters()) {
      parameters.push_back(parameter);
    }
  }
  return parameters;
}

int64_t HifiganVocoder::context_frames() const {
  const int edge = kEdgeKernel / 2;
  double frames = edge;
  double samples_per_frame = 1.0;
  const int reach = *std::max_element(config_.resblock_kernels.begin(), config_.resblock_kernels.end()) / 2;
  for (const int factor : config_.upsample) {
    frames += 1.0 / samples_per_frame;
    samples_per_frame *= factor;
    for (int i = 0; i < config_.resblock_dilations; ++i) {
      frames += static_cast<double>(Dilation(i)) * reach / samples_per_frame;
    }
  }
  return static_cast<int64_t>(std::ceil(frames + edge / samples_per_frame));
}

double HifiganVocoder::FlopPerFrame() const {
  double channels = config_.hidden, samples = 1.0;
  double total = static_cast<double>(audio_.n_mels) * channels * kEdgeKernel;
  for (const int factor : config_.upsample) {
    total += samples * channels * (channels / 2) * 2 * factor;
    samples *= factor;
    channels /= 2;
    for (const int kernel : config_.resblock_kernels) {
      total += samples * config_.resblock_dilations * kernel * channels * channels;
    }
  }
  return 2.0 * (total + samples * channels * kEdgeKernel);
}

}  // namespace m2tts
