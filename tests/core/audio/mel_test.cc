#include "core/audio/mel.h"

#include <gtest/gtest.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "core/base/file.h"
#include "tests/core/audio/test_signals.h"

namespace m2tts {
namespace {

torch::Tensor LoadClip(const std::string& name) {
  const auto audio = ReadAudioFile(ClipPath(name));
  EXPECT_TRUE(audio.ok()) << audio.status();
  return torch::tensor(audio->samples).to(torch::kFloat64).unsqueeze(0);
}

// The golden files come from tests/golden/make_mel_golden.py.
class MelGoldenTest : public ::testing::TestWithParam<std::string> {
 protected:
  torch::Tensor Golden() {
    const std::string folder = std::string(M2TTS_SOURCE_DIR) + "/tests/golden/mel/";
    const auto index = nlohmann::json::parse(ReadFile(folder + "index.json").value());
    const int64_t mels = index[GetParam()]["n_mels"], frames = index[GetParam()]["frames"];
    const std::string bytes = ReadFile(folder + GetParam() + ".f64").value();
    auto golden = torch::empty({mels, frames}, torch::kFloat64);
    EXPECT_EQ(bytes.size(), golden.numel() * sizeof(double));
    std::memcpy(golden.data_ptr<double>(), bytes.data(), bytes.size());
    return golden;
  }
};

TEST_P(MelGoldenTest, DoubleAndFloatPathsAgree) {
  const auto wave = LoadClip(GetParam());
  const auto golden = Golden();
  const auto exact = MelSpectrogram(AudioConfig(), torch::kFloat64)(wave)[0];
  ASSERT_EQ(exact.sizes(), golden.sizes());
  EXPECT_LT((exact - golden).abs().max().item<double>(), 1e-4);

  const auto single = MelSpectrogram(AudioConfig(), torch::kFloat32)(wave.to(torch::kFloat32))[0];
  ASSERT_EQ(single.scalar_type(), torch::kFloat32);
  EXPECT_LT((single.to(torch::kFloat64) - golden).abs().max().item<double>(), 1e-3);
}

INSTANTIATE_TEST_SUITE_P(Clips, MelGoldenTest, ::testing::Values("LJ001-0008", "LJ007-0217", "LJ032-0100"),
                         [](const auto& info) { return "Clip" + info.param.substr(6); });

TEST(MelTest, FiltersHaveUnitAreaAndSlaneyEdges) {
  const AudioConfig config;
  const auto filters = MelFilterbank(config);
  ASSERT_EQ(filters.sizes(), (std::vector<int64_t>{64, 513}));
  EXPECT_TRUE((filters >= 0).all().item<bool>());
  // Sampled triangles of area 1 over Hz; the widest ones are sampled finely.
  const double bin_hz = static_cast<double>(config.sample_rate) / config.n_fft;
  EXPECT_NEAR(filters[63].sum().item<double>() * bin_hz, 1.0, 1e-2);
  EXPECT_TRUE((filters.sum(1) > 0).all().item<bool>());
}

TEST(MelTest, SilenceIsTheFloor) {
  const auto mel = MelSpectrogram(AudioConfig())(torch::zeros({1, 2048}));
  EXPECT_EQ(mel.size(2), 9);
  EXPECT_NEAR(mel.max().item<double>(), std::log(1e-5), 1e-5);
}

TEST(MelTest, GradientReachesTheWave) {
  auto wave = torch::randn({2, 3000}, torch::requires_grad());
  const MelSpectrogram mel{AudioConfig()};
  mel(wave).sum().backward();
  EXPECT_TRUE(torch::isfinite(wave.grad()).all().item<bool>());
  EXPECT_GT(wave.grad().abs().sum().item<double>(), 0.0);
}

}  // namespace
}  // namespace m2tts
