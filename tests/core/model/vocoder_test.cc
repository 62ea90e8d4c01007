#include "core/model/vocoder.h"

#include <gtest/gtest.h>

namespace m2tts {
namespace {

VocoderConfig SmallVocoder(const std::string& type) {
  VocoderConfig config;
  config.type = type;
  config.hidden = 32;
  config.blocks = 2;
  return config;
}

class NeuralVocoderTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    torch::manual_seed(7);
    auto made = MakeVocoder(SmallVocoder(GetParam()), audio_);
    ASSERT_TRUE(made.ok()) << made.status();
    vocoder_ = *made;
  }
  const AudioConfig audio_ = {};
  std::shared_ptr<Vocoder> vocoder_;
};

TEST_P(NeuralVocoderTest, MakesOneHopPerFrame) {
  torch::NoGradGuard no_grad;
  for (const int64_t frames : {1, 2, 5, 40}) {
    const auto wave = vocoder_->forward(torch::randn({2, frames, audio_.n_mels}) - 5.0);
    EXPECT_EQ(wave.sizes(), (torch::IntArrayRef{2, frames * audio_.hop_length}));
    EXPECT_TRUE(wave.isfinite().all().item<bool>());
  }
}

TEST_P(NeuralVocoderTest, WindowEqualsWhole) {
  torch::NoGradGuard no_grad;
  const int64_t frames = 160, context = vocoder_->context_frames(), hop = audio_.hop_length;
  ASSERT_GT(context, 0);
  const auto mel = torch::randn({1, frames, audio_.n_mels}) - 5.0;
  const auto whole = vocoder_->forward(mel);
  for (const auto& [begin, end] : std::vector<std::pair<int64_t, int64_t>>{{0, 20}, {20, 75}, {75, 160}}) {
    const int64_t from = std::max<int64_t>(0, begin - context), to = std::min(frames, end + context);
    const auto window = vocoder_->forward(mel.narrow(1, from, to - from));
    EXPECT_TRUE(torch::allclose(window.narrow(1, (begin - from) * hop, (end - begin) * hop),
                                whole.narrow(1, begin * hop, (end - begin) * hop), 1e-4, 1e-4))
        << begin;
  }
}

TEST_P(NeuralVocoderTest, Learns) {
  const auto mel = torch::randn({1, 20, audio_.n_mels}) - 5.0;
  const auto target = torch::sin(torch::arange(20 * audio_.hop_length) * 0.1).unsqueeze(0) * 0.3;
  torch::optim::Adam adam(vocoder_->parameters(), torch::optim::AdamOptions(3e-3));
  double first = 0.0, last = 0.0;
  for (int step = 0; step < 30; ++step) {
    adam.zero_grad();
    const auto loss = torch::mse_loss(vocoder_->forward(mel), target);
    loss.backward();
    adam.step();
    if (step == 0) first = loss.item<double>();
    last = loss.item<double>();
  }
  EXPECT_LT(last, 0.8 * first);
}

INSTANTIATE_TEST_SUITE_P(Types, NeuralVocoderTest, testing::Values("istft", "hifigan"));

TEST(VocoderTest, GriffinLimHasNoWeightsAndWantsWholeSentences) {
  const auto vocoder = MakeVocoder(SmallVocoder("griffin_lim"), AudioConfig());
  ASSERT_TRUE(vocoder.ok());
  EXPECT_TRUE((*vocoder)->parameters().empty());
  EXPECT_EQ((*vocoder)->context_frames(), -1);
  EXPECT_EQ((*vocoder)->forward(torch::full({1, 12, 64}, -5.0)).size(1), 12 * 256);
}

TEST(VocoderTest, RefusesFactorsThatMissTheHop) {
  VocoderConfig config = SmallVocoder("hifigan");
  config.upsample = {8, 8, 8};
  const auto vocoder = MakeVocoder(config, AudioConfig());
  ASSERT_TRUE(absl::IsInvalidArgument(vocoder.status()));
  EXPECT_NE(vocoder.status().message().find("512"), std::string::npos);
}

}  // namespace
}  // namespace m2tts
