#include "core/audio/stft.h"

#include <gtest/gtest.h>

#include <functional>

#include "core/audio/dft_matrix.h"

namespace m2tts {
namespace {

const auto kDouble = torch::TensorOptions(torch::kFloat64);

double MaxDifference(const torch::Tensor& a, const torch::Tensor& b) {
  EXPECT_EQ(a.sizes(), b.sizes());
  return (a - b).abs().max().item<double>();
}

class StftTest : public ::testing::Test {
 protected:
  void SetUp() override { torch::manual_seed(1); }
};

TEST_F(StftTest, HannWindowIsPeriodic) {
  const auto window = HannWindow(8, kDouble);
  EXPECT_NEAR(window[0].item<double>(), 0.0, 1e-15);
  EXPECT_NEAR(window[4].item<double>(), 1.0, 1e-15);
  EXPECT_NEAR(window[7].item<double>(), 0.5 - 0.5 * std::cos(2 * M_PI * 7 / 8), 1e-15);
  EXPECT_EQ(HannWindow(8, torch::TensorOptions(torch::kFloat32)).scalar_type(), torch::kFloat32);
}

// Against torch::stft, an implementation of its own; also with a hop that does not divide
// n_fft and with a window shorter than n_fft.
TEST_F(StftTest, AgreesWithTorch) {
  struct Case {
    int64_t n_fft, hop, window;
  };
  const auto wave = torch::randn({2, 5000}, kDouble);
  for (const auto& c : {Case{1024, 256, 1024}, Case{512, 50, 240}, Case{256, 120, 255}}) {
    const auto window = HannWindow(c.window, kDouble);
    const auto expected = torch::stft(wave, c.n_fft, c.hop, c.window, window, /*center=*/true, "reflect",
                                      /*normalized=*/false, /*onesided=*/true, /*return_complex=*/true);
    const auto spectrum = Stft(wave, c.n_fft, c.hop, window);
    EXPECT_LT(MaxDifference(spectrum.real, torch::real(expected)), 1e-10);
    EXPECT_LT(MaxDifference(spectrum.imag, torch::imag(expected)), 1e-10);
    EXPECT_LT(MaxDifference(StftMagnitude(wave, c.n_fft, c.hop, window), expected.abs()), 1e-10);
    EXPECT_LT(MaxDifference(StftMagnitude(wave, c.n_fft, c.hop, window, 1e-3),
                            (expected.abs().square() + 1e-3).sqrt()),
              1e-10);
  }
}

TEST_F(StftTest, RoundTripIsExact) {
  const auto wave = torch::randn({2, 20 * 256}, kDouble);
  for (const int64_t hop : {256, 200, 512}) {
    const auto window = HannWindow(1024, kDouble);
    const auto back = InverseStft(Stft(wave, 1024, hop, window), 1024, hop, window);
    EXPECT_LT(MaxDifference(back, wave.narrow(1, 0, back.size(1))), 1e-10) << hop;
    EXPECT_LT(back.size(1), wave.size(1) + 1);
  }
  const auto single = wave.to(torch::kFloat32);
  const auto window = HannWindow(1024, single.options());
  EXPECT_LT(MaxDifference(InverseStft(Stft(single, 1024, 256, window), 1024, 256, window), single), 1e-5);
}

TEST_F(StftTest, LongerInverseContinuesTheSignal) {
  const auto window = HannWindow(1024, kDouble);
  const auto wave = torch::randn({1, 10 * 256 + 255}, kDouble);
  const auto spectrum = Stft(wave, 1024, 256, window);
  const auto back = InverseStft(spectrum, 1024, 256, window, 11 * 256);
  ASSERT_EQ(back.size(1), 11 * 256);
  EXPECT_LT(MaxDifference(back.narrow(1, 0, wave.size(1)), wave), 1e-9);
}

TEST_F(StftTest, OverlapAddSumsAtHops) {
  const auto frames = torch::tensor({1.0, 2.0, 3.0, 10.0, 20.0, 30.0}, kDouble).view({1, 2, 3});
  EXPECT_TRUE(torch::equal(OverlapAdd(frames, 2), torch::tensor({{1.0, 2.0, 13.0, 20.0, 30.0}}, kDouble)));
  EXPECT_TRUE(torch::equal(OverlapAdd(frames, 1), torch::tensor({{1.0, 12.0, 23.0, 30.0}}, kDouble)));
  EXPECT_TRUE(
      torch::equal(OverlapAdd(frames, 4), torch::tensor({{1.0, 2.0, 3.0, 0.0, 10.0, 20.0, 30.0}}, kDouble)));
}

// Central differences against autograd, in a random direction.
void CheckGradient(const std::function<torch::Tensor(const torch::Tensor&)>& function, torch::Tensor input) {
  input.requires_grad_(true);
  const auto output = function(input);
  const auto weight = torch::randn_like(output);
  (output * weight).sum().backward();
  torch::NoGradGuard no_grad;
  const auto direction = torch::randn_like(input);
  const double step = 1e-6;
  const auto up = (function(input + step * direction) * weight).sum();
  const auto down = (function(input - step * direction) * weight).sum();
  const double expected = (up - down).item<double>() / (2 * step);
  const double actual = (input.grad() * direction).sum().item<double>();
  EXPECT_NEAR(actual, expected, 1e-5 * (1.0 + std::abs(expected)));
}

TEST_F(StftTest, GradientsAreRight) {
  const auto window = HannWindow(48, kDouble);
  // 203 samples: the last ones lie in no frame.
  for (const int64_t hop : {16, 20}) {
    CheckGradient([&](const torch::Tensor& x) { return StftMagnitude(x, 64, hop, window); },
                  torch::randn({2, 203}, kDouble));
    CheckGradient(
        [&](const torch::Tensor& x) {
          const auto s = Stft(x, 64, hop, window);
          return s.real * 2.0 + s.imag;
        },
        torch::randn({2, 203}, kDouble));
    CheckGradient(
        [&](const torch::Tensor& x) {
          return InverseStft({x.narrow(1, 0, 33), x.narrow(1, 33, 33)}, 64, hop, window);
        },
        torch::randn({2, 66, 9}, kDouble));
  }
}

TEST_F(StftTest, SecondGradientExists) {
  const auto window = HannWindow(64, kDouble);
  CheckGradient(
      [&](const torch::Tensor& x) {
        torch::AutoGradMode enable(true);
        const auto y = x.requires_grad() ? x : x.detach().requires_grad_(true);
        const auto loss = StftMagnitude(y, 64, 16, window).square().sum();
        return torch::autograd::grad({loss}, {y}, {}, true, true)[0];
      },
      torch::randn({1, 200}, kDouble));
}

TEST_F(StftTest, SilenceHasAFiniteGradient) {
  auto wave = torch::zeros({1, 4096}, torch::requires_grad());
  const auto window = HannWindow(1024, torch::TensorOptions(torch::kFloat32));
  StftMagnitude(wave, 1024, 256, window).sum().backward();
  EXPECT_TRUE(torch::isfinite(wave.grad()).all().item<bool>());
}

// The path of devices without complex FFT.
TEST_F(StftTest, MatrixEqualsFft) {
  const auto frames = torch::randn({2, 3, 256}, kDouble);
  const auto parts = DftByMatrix(frames).chunk(2, 2);
  const auto expected = torch::fft_rfft(frames);
  EXPECT_LT(MaxDifference(parts[0], torch::real(expected)), 1e-11);
  EXPECT_LT(MaxDifference(parts[1], torch::imag(expected)), 1e-11);

  // Arbitrary parts, imaginary ones in the first and last bin included.
  const auto any = torch::randn({2, 3, 258}, kDouble);
  const auto inverse =
      torch::fft_irfft(torch::complex(any.narrow(2, 0, 129), any.narrow(2, 129, 129).contiguous()), 256);
  EXPECT_LT(MaxDifference(InverseDftByMatrix(any, 256), inverse), 1e-11);
  EXPECT_LT(MaxDifference(InverseDftByMatrix(any.to(torch::kFloat32), 256).to(torch::kFloat64), inverse),
            1e-5);
}

}  // namespace
}  // namespace m2tts
