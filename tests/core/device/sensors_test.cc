#include "core/device/sensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/device/levels.h"
#include "tests/core/base/temp_folder.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMega = 1024 * 1024;

class SensorsTest : public testing::Test {
 protected:
  void Write(const std::string& name, const std::string& text) const {
    const fs::path path = folder_.path() / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  std::unique_ptr<Sensors> Host() const { return HostSensors(folder_.path()); }

  TempFolder folder_;
};

TEST(LevelName, IsReadBack) {
  for (const Level level : {Level::kNominal, Level::kFair, Level::kSerious, Level::kCritical}) {
    EXPECT_EQ(ParseLevel(LevelName(level)), level);
  }
  EXPECT_FALSE(ParseLevel("hot").has_value());
}

#ifdef __linux__

TEST_F(SensorsTest, AMachineWithoutSensorsIsUnknown) {
  const auto sensors = Host();
  const ThermalReading thermal = sensors->Thermal();
  EXPECT_FALSE(thermal.celsius || thermal.throttling || thermal.level);
  const MemoryReading memory = sensors->Memory();
  EXPECT_FALSE(memory.resident_bytes || memory.available_bytes || memory.limit_bytes ||
               memory.stall_percent || memory.level);
}

TEST_F(SensorsTest, ThisMachineTellsItsMemory) {
  const MemoryReading memory = HostSensors()->Memory();
  ASSERT_TRUE(memory.resident_bytes && memory.available_bytes && memory.limit_bytes);
  EXPECT_GT(*memory.resident_bytes, kMega);
  EXPECT_GT(*memory.limit_bytes, *memory.resident_bytes);
  EXPECT_LE(*memory.available_bytes, *memory.limit_bytes);
}

TEST_F(SensorsTest, TheHottestBelievableZoneCounts) {
  Write("sys/class/thermal/thermal_zone0/temp", "61500\n");
  Write("sys/class/thermal/thermal_zone1/temp", "72000\n");
  Write("sys/class/thermal/cooling_device0/temp", "99000\n");
  EXPECT_EQ(Host()->Thermal().celsius, 72.0);
  Write("sys/class/thermal/thermal_zone1/mode", "disabled\n");
  EXPECT_EQ(Host()->Thermal().celsius, 61.5);
}

TEST_F(SensorsTest, BogusZonesAreUnknown) {
  const char* const bogus[] = {
      "0\n", "-273000\n", "255000\n", "-1\n", "", "garbage\n", "999999999999999999999999\n", "4999\n"};
  for (const char* text : bogus) {
    Write("sys/class/thermal/thermal_zone0/temp", text);
    EXPECT_FALSE(Host()->Thermal().celsius.has_value()) << text;
  }
}

TEST_F(SensorsTest, ProcessorChipsCountAndOthersDoNot) {
  Write("sys/class/hwmon/hwmon0/name", "nvme\n");
  Write("sys/class/hwmon/hwmon0/temp1_input", "80000\n");
  EXPECT_FALSE(Host()->Thermal().celsius.has_value());
  Write("sys/class/hwmon/hwmon1/name", "k10temp\n");
  Write("sys/class/hwmon/hwmon1/temp1_input", "66250\n");
  EXPECT_EQ(Host()->Thermal().celsius, 66.25);
}

TEST_F(SensorsTest, ThrottlingIsWhatHappenedSinceTheReadingBefore) {
  const std::string count = "sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count";
  Write(count, "7\n");
  const auto sensors = Host();
  EXPECT_FALSE(sensors->Thermal().throttling.has_value());
  EXPECT_EQ(sensors->Thermal().throttling, false);
  Write(count, "8\n");
  EXPECT_EQ(sensors->Thermal().throttling, true);
  EXPECT_EQ(sensors->Thermal().throttling, false);
}

TEST_F(SensorsTest, MemoryOfTheMachine) {
  Write("proc/meminfo", "MemTotal:        8192 kB\nMemFree:   1 kB\nMemAvailable:    2048 kB\n");
  Write("proc/self/status", "Name:\tx\nVmHWM:\t 999 kB\nVmRSS:\t  512 kB\n");
  Write("proc/pressure/memory", "some avg10=12.50 avg60=0.00 avg300=0.00 total=1\nfull avg10=3.00 total=0\n");
  const MemoryReading memory = Host()->Memory();
  EXPECT_EQ(memory.limit_bytes, 8 * kMega);
  EXPECT_EQ(memory.available_bytes, 2 * kMega);
  EXPECT_EQ(memory.resident_bytes, kMega / 2);
  EXPECT_EQ(memory.stall_percent, 12.5);
}

TEST_F(SensorsTest, EveryGroupAboveLimitsToo) {
  Write("proc/meminfo", "MemTotal: 102400 kB\nMemAvailable: 51200 kB\n");
  Write("proc/self/cgroup", "4:memory:/old\n0::/outer/inner\n");
  Write("sys/fs/cgroup/outer/inner/memory.max", "max\n");
  Write("sys/fs/cgroup/outer/inner/memory.high", "max\n");
  Write("sys/fs/cgroup/outer/inner/memory.current", "1048576\n");
  Write("sys/fs/cgroup/outer/inner/memory.pressure", "some avg10=40.00 avg60=0.00 avg300=0.00 total=1\n");
  Write("sys/fs/cgroup/outer/memory.max", std::to_string(20 * kMega));
  Write("sys/fs/cgroup/outer/memory.high", std::to_string(16 * kMega));
  Write("sys/fs/cgroup/outer/memory.current", std::to_string(15 * kMega));
  Write("sys/fs/cgroup/outer/memory.stat", "active_file 5\ninactive_file 2097152\n");
  const MemoryReading memory = Host()->Memory();
  EXPECT_EQ(memory.limit_bytes, 16 * kMega);
  EXPECT_EQ(memory.available_bytes, 3 * kMega);
  EXPECT_EQ(memory.stall_percent, 40.0);
}

// Room of the one is not set against the limit of the other.
TEST_F(SensorsTest, TheFullestOfMachineAndGroupsCounts) {
  Write("proc/meminfo", "MemTotal: 65536 kB\nMemAvailable: 1024 kB\n");
  Write("proc/self/cgroup", "0::/\n");
  Write("sys/fs/cgroup/memory.max", std::to_string(4 * kMega));
  Write("sys/fs/cgroup/memory.current", std::to_string(kMega));
  MemoryReading memory = Host()->Memory();
  EXPECT_EQ(memory.available_bytes, kMega);
  EXPECT_EQ(memory.limit_bytes, 4 * kMega);
  EXPECT_NEAR(memory.used_percent.value_or(0.0), 100.0 * 63 / 64, 1e-9);
  LevelTracker tracker{LevelOptions()};
  tracker.Memory(memory, {});
  EXPECT_EQ(tracker.Memory(memory, {}).level, Level::kCritical);

  Write("proc/meminfo", "MemTotal: 65536 kB\nMemAvailable: 60000 kB\n");
  Write("sys/fs/cgroup/memory.current", std::to_string(4 * kMega - 1024));
  memory = Host()->Memory();
  EXPECT_GT(memory.used_percent.value_or(0.0), 99.9);
}

TEST_F(SensorsTest, AGroupOverItsLimitHasNothingLeft) {
  Write("proc/self/cgroup", "0::/\n");
  Write("sys/fs/cgroup/memory.max", "1000\n");
  Write("sys/fs/cgroup/memory.current", "1500\n");
  EXPECT_EQ(Host()->Memory().available_bytes, 0);
}

TEST_F(SensorsTest, HostileFilesAreUnknown) {
  Write("proc/meminfo", "MemTotal: lots kB\nMemAvailable:");
  Write("proc/self/status", "VmRSS:");
  Write("proc/pressure/memory", "some avg10=");
  Write("proc/self/cgroup", "0::/../../etc\n");
  const MemoryReading memory = Host()->Memory();
  EXPECT_FALSE(memory.limit_bytes || memory.available_bytes || memory.resident_bytes || memory.stall_percent);
}

#endif  // __linux__

TEST_F(SensorsTest, AFileDrivesSensorsWhileTheyRun) {
  Write("sensors.yaml", "thermal: {celsius: 71.5, throttling: true, level: fair}\n");
  const fs::path path = folder_.path() / "sensors.yaml";
  const auto sensors = SensorFile(path);
  ASSERT_TRUE(sensors.ok()) << sensors.status();
  const ThermalReading warm = (*sensors)->Thermal();
  EXPECT_EQ(warm.celsius, 71.5);
  EXPECT_EQ(warm.throttling, true);
  EXPECT_EQ(warm.level, Level::kFair);
  EXPECT_FALSE((*sensors)->Memory().resident_bytes.has_value());

  Write(
      "sensors.yaml",
      R"({"memory": {"resident_mb": 1.5, "available_mb": 2, "limit_mb": 8, "stall_percent": 3, "level": "critical"}})");
  EXPECT_FALSE((*sensors)->Thermal().celsius.has_value());
  const MemoryReading memory = (*sensors)->Memory();
  EXPECT_EQ(memory.resident_bytes, 3 * kMega / 2);
  EXPECT_EQ(memory.available_bytes, 2 * kMega);
  EXPECT_EQ(memory.limit_bytes, 8 * kMega);
  EXPECT_EQ(memory.stall_percent, 3.0);
  EXPECT_EQ(memory.level, Level::kCritical);

  Write("sensors.yaml", "thermal: {celsius: [");
  EXPECT_FALSE((*sensors)->Thermal().celsius.has_value());
  fs::remove(path);
  EXPECT_FALSE((*sensors)->Memory().level.has_value());
}

TEST_F(SensorsTest, AWrongSensorFileIsRefusedByName) {
  EXPECT_TRUE(absl::IsNotFound(SensorFile(folder_.path() / "missing").status()));
  const std::pair<const char*, const char*> wrong[] = {{"thermal: {celsius: hot}", "celsius"},
                                                       {"thermal: {kelvin: 300}", "kelvin"},
                                                       {"memory: {level: dire}", "level"},
                                                       {"memory: 5", "memory"},
                                                       {"memory: {limit_mb: 1e30}", "limit_mb"}};
  for (const auto& [text, key] : wrong) {
    Write("wrong.yaml", text);
    const Status status = SensorFile(folder_.path() / "wrong.yaml").status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << text << ": " << status;
    EXPECT_THAT(std::string(status.message()), testing::HasSubstr(key));
  }
}

}  // namespace
}  // namespace m2tts
