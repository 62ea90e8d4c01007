#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <stdexcept>

#include "core/device/device.h"

namespace m2tts {
namespace {

using ::testing::HasSubstr;

const torch::Device kCpu(torch::kCPU);
const torch::Device kGpu(torch::kCUDA, 0);  // never touched: the golden functions are fakes

torch::Tensor Golden() {
  return torch::linspace(-1, 1, 100);
}

// Uses up wall time, so that one fake device is slower than another.
void Burn(std::chrono::milliseconds duration) {
  const auto end = std::chrono::steady_clock::now() + duration;
  while (std::chrono::steady_clock::now() < end) {
  }
}

// The CPU takes 5 ms and gives Golden(); the other device gives what `gpu` gives, at once.
GoldenRun WithGpu(std::function<StatusOr<torch::Tensor>()> gpu) {
  return [gpu](const torch::Device& device) -> StatusOr<torch::Tensor> {
    if (!device.is_cpu()) return gpu();
    Burn(std::chrono::milliseconds(5));
    return Golden();
  };
}

// Chooses among both; checks that it fell back to the CPU and returns the GPU's error.
std::string ErrorOfRejectedGpu(std::function<StatusOr<torch::Tensor>()> gpu) {
  const auto choice = ChooseDeviceAmong({kGpu, kCpu}, WithGpu(gpu), 1e-2);
  if (!choice.ok()) return "no choice: " + std::string(choice.status().message());
  EXPECT_EQ(choice->device, "cpu");
  EXPECT_FALSE(choice->trials.at(0).agrees);
  EXPECT_TRUE(choice->trials.at(1).agrees);
  EXPECT_THAT(choice->reason, HasSubstr("cuda:0 failed"));
  return choice->trials.at(0).error;
}

TEST(ChooseDevice, TakesTheFastestThatAgrees) {
  const auto choice = ChooseDeviceAmong({kGpu, kCpu}, WithGpu([] { return Golden() + 0.001; }), 1e-2);
  ASSERT_TRUE(choice.ok()) << choice.status();
  EXPECT_EQ(choice->device, kGpu.str());
  EXPECT_NEAR(choice->trials.at(0).max_difference, 0.001, 1e-5);
  EXPECT_LT(choice->trials.at(0).seconds, choice->trials.at(1).seconds);
  EXPECT_THAT(choice->reason, HasSubstr("cuda:0"));
}

TEST(ChooseDevice, KeepsTheCpuWhenItIsFaster) {
  const GoldenRun slow_gpu = [](const torch::Device& device) -> StatusOr<torch::Tensor> {
    if (!device.is_cpu()) Burn(std::chrono::milliseconds(5));
    return Golden();
  };
  const auto choice = ChooseDeviceAmong({kGpu, kCpu}, slow_gpu, 1e-2);
  ASSERT_TRUE(choice.ok());
  EXPECT_EQ(choice->device, "cpu");
  EXPECT_TRUE(choice->trials.at(0).agrees);
}

TEST(ChooseDevice, RejectsADeviceThatDisagrees) {
  EXPECT_THAT(ErrorOfRejectedGpu([] { return Golden() + 0.1; }), HasSubstr("differs from the CPU by 0.1"));
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(ErrorOfRejectedGpu([nan] { return Golden() * nan; }), HasSubstr("differs"));
  EXPECT_THAT(ErrorOfRejectedGpu([] { return torch::zeros({3}); }), HasSubstr("another shape"));
  EXPECT_THAT(ErrorOfRejectedGpu([] { return torch::Tensor(); }), HasSubstr("another shape"));
}

TEST(ChooseDevice, RejectsADeviceThatFails) {
  EXPECT_THAT(ErrorOfRejectedGpu([] { return NotFound("no kernel"); }), HasSubstr("no kernel"));
  EXPECT_THAT(
      ErrorOfRejectedGpu([]() -> StatusOr<torch::Tensor> { throw std::runtime_error("driver gone"); }),
      HasSubstr("driver gone"));
}

TEST(ChooseDevice, NamedDeviceThatFailsIsAnError) {
  const auto choice = ChooseDeviceAmong({kGpu}, WithGpu([] { return Golden() * 2; }), 1e-2);
  EXPECT_EQ(choice.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(choice.status().message()), HasSubstr("differs"));
}

TEST(ChooseDevice, ABrokenReferenceIsAnErrorForAll) {
  const GoldenRun broken = [](const torch::Device&) -> StatusOr<torch::Tensor> {
    return DataLoss("bad voice");
  };
  EXPECT_EQ(ChooseDevice("auto", broken).status().code(), StatusCode::kDataLoss);
  const GoldenRun nan = [](const torch::Device&) -> StatusOr<torch::Tensor> { return Golden() / 0.0 * 0.0; };
  EXPECT_THAT(std::string(ChooseDevice("cpu", nan).status().message()), HasSubstr("golden sentence on cpu"));
  const GoldenRun nothing = [](const torch::Device&) -> StatusOr<torch::Tensor> { return torch::Tensor(); };
  EXPECT_FALSE(ChooseDevice("cpu", nothing).ok());
}

TEST(ChooseDevice, ByName) {
  const GoldenRun golden = [](const torch::Device&) -> StatusOr<torch::Tensor> { return Golden(); };
  const auto cpu = ChooseDevice("cpu", golden);
  ASSERT_TRUE(cpu.ok()) << cpu.status();
  EXPECT_THAT(cpu->reason, HasSubstr("requested (cpu"));
  EXPECT_EQ(ChooseDevice("toaster", golden).status().code(), StatusCode::kInvalidArgument);
  const auto automatic = ChooseDevice("auto", golden);
  ASSERT_TRUE(automatic.ok());
  EXPECT_EQ(automatic->trials.size(), AvailableDevices().size());
  EXPECT_FALSE(automatic->reason.empty());
}

}  // namespace
}  // namespace m2tts
