#include "core/device/device.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/device/host.h"
#include "core/device/runtime.h"

namespace m2tts {
namespace {

using ::testing::HasSubstr;

TEST(ParseDevice, Cpu) {
  const auto device = ParseDevice("cpu");
  ASSERT_TRUE(device.ok());
  EXPECT_TRUE(device->is_cpu());
}

TEST(ParseDevice, UnknownWordsAreInvalid) {
  for (const char* name : {"", "gpu", "CPU", "cpu:0", "cuda:", "cuda:x", "cuda:-1", "cuda:1x",
                           "cuda:999999999999", "cudax", "mps:0", "auto", "cpu "}) {
    EXPECT_EQ(ParseDevice(name).status().code(), StatusCode::kInvalidArgument) << name;
  }
}

TEST(ParseDevice, UnavailableDeviceSaysWhy) {
  for (const char* name : {"mps", "cuda", "cuda:99"}) {
    const auto device = ParseDevice(name);
    if (device.ok()) continue;  // this machine has it
    EXPECT_EQ(device.status().code(), StatusCode::kFailedPrecondition) << name;
    EXPECT_THAT(std::string(device.status().message()), HasSubstr("not available"));
  }
  EXPECT_FALSE(ParseDevice("cuda:99").ok());
}

TEST(AvailableDevices, EndWithTheCpuAndAllParse) {
  const auto devices = AvailableDevices();
  ASSERT_FALSE(devices.empty());
  EXPECT_TRUE(devices.back().is_cpu());
  for (const torch::Device& device : devices) EXPECT_TRUE(ParseDevice(device.str()).ok()) << device;
}

TEST(QueryDeviceMemory, IsUnknownOnCpu) {
  const DeviceMemory memory = QueryDeviceMemory(torch::kCPU);
  EXPECT_FALSE(memory.allocated_bytes.has_value());
  EXPECT_FALSE(memory.limit_bytes.has_value());
}

TEST(ClearDeviceCaches, IsHarmless) {
  const torch::Tensor tensor = torch::ones({1000});
  ClearDeviceCaches();
  EXPECT_EQ(tensor.sum().item<float>(), 1000.0f);
}

TEST(ConfigureCpuThreads, TakesTheNumberOrThePhysicalCores) {
  EXPECT_EQ(ConfigureCpuThreads(1), 1);
  EXPECT_EQ(ConfigureCpuThreads(2), 2);
  EXPECT_GE(PhysicalCores(), 1);
  EXPECT_EQ(ConfigureCpuThreads(0), PhysicalCores());
}

TEST(ComputeLanes, OnePerCoreOnTheCpu) {
  EXPECT_EQ(ComputeLanes("cpu", 1), PhysicalCores());
  EXPECT_EQ(ComputeLanes("cpu", PhysicalCores()), 1);
  EXPECT_EQ(ComputeLanes("cpu", 100000), 1) << "one always computes";
  EXPECT_EQ(ComputeLanes("cpu", 0), 1) << "0 threads are all cores";
}

TEST(ComputeLanes, OneOnAGpu) {
  const bool has_gpu = AvailableDevices().size() > 1;
  EXPECT_EQ(MayUseGpu("auto"), has_gpu);
  EXPECT_FALSE(MayUseGpu("cpu"));
  EXPECT_EQ(ComputeLanes("auto", 1), has_gpu ? 1 : PhysicalCores());
}

TEST(DeviceMemoryPercent, IsUnknownWhereThereIsNoSuchMemory) {
  EXPECT_FALSE(DeviceMemoryPercent("cpu").has_value());
  EXPECT_FALSE(DeviceMemoryPercent("toaster").has_value());
}

TEST(TorchVersion, LooksLikeOne) {
  EXPECT_THAT(TorchVersion(), ::testing::ContainsRegex("^[0-9]+\\.[0-9]+"));
}

}  // namespace
}  // namespace m2tts
