#include "trainer/loss/mel_discriminator.h"

#include <algorithm>

namespace m2tts {
namespace {

constexpr double kMelLeak = 0.2;
constexpr int kMelLayers = 4;

}  // namespace

MelDiscriminatorImpl::MelDiscriminatorImpl(int64_t channels) {
  convs_ = register_module("convs", torch::nn::ModuleList());
  int64_t in = 1, width = channels;
  for (int i = 0; i < kMelLayers; ++i) {
    // Bands are halved, frames kept; 9 frames and nearly all bands are seen at the end.
    convs_->push_back(
        torch::nn::Conv2d(torch::nn::Conv2dOptions(in, width, {3, 5}).stride({1, 2}).padding({1, 2})));
    in = width;
    if (width < 4 * channels) width *= 2;
  }
  out_ = register_module("out", torch::nn::Conv2d(torch::nn::Conv2dOptions(in, 1, {3, 3}).padding({1, 1})));
}

std::vector<Judgement> MelDiscriminatorImpl::forward(const torch::Tensor& mel) {
  Judgement judgement;
  auto x = mel.unsqueeze(1);
  for (const auto& conv : *convs_) {
    x = torch::leaky_relu(conv->as<torch::nn::Conv2d>()->forward(x), kMelLeak);
    judgement.features.push_back(x);
  }
  judgement.scores = out_(x);
  return {judgement};
}

torch::Tensor CutPatches(const torch::Tensor& mel, const std::vector<int64_t>& starts,
                         const std::vector<int64_t>& lengths, int64_t frames) {
  std::vector<torch::Tensor> patches;
  for (size_t b = 0; b < starts.size(); ++b) {
    const int64_t there = std::min(frames, lengths[b] - starts[b]);
    const auto patch = mel[static_cast<int64_t>(b)].narrow(0, starts[b], there);
    patches.push_back(torch::constant_pad_nd(patch, {0, 0, 0, frames - there}));
  }
  return torch::stack(patches);
}

}  // namespace m2tts
