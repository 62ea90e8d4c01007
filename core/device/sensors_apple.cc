#include <libkern/OSThermalNotification.h>
#include <mach/mach.h>
#include <notify.h>
#include <sys/sysctl.h>

#include <cstddef>

#include "core/device/sensors.h"

namespace m2tts {
namespace {

template <typename T>
std::optional<T> Sysctl(const char* name) {
  T value{};
  size_t size = sizeof(value);
  if (sysctlbyname(name, &value, &size, nullptr, 0) != 0 || size != sizeof(value)) return std::nullopt;
  return value;
}

std::optional<Level> ThermalLevel(uint64_t pressure) {
  switch (pressure) {
    case kOSThermalPressureLevelNominal:
      return Level::kNominal;
    case kOSThermalPressureLevelModerate:
      return Level::kFair;
    case kOSThermalPressureLevelHeavy:
      return Level::kSerious;
    case kOSThermalPressureLevelTrapping:
    case kOSThermalPressureLevelSleeping:
      return Level::kCritical;
    default:
      return std::nullopt;
  }
}

// kern.memorystatus_vm_pressure_level counts as dispatch/source.h does: 1 normal, 2 warning, 4 critical.
std::optional<Level> MemoryLevel() {
  switch (Sysctl<int>("kern.memorystatus_vm_pressure_level").value_or(0)) {
    case 1:
      return Level::kNominal;
    case 2:
      return Level::kSerious;
    case 4:
      return Level::kCritical;
    default:
      return std::nullopt;
  }
}

std::optional<int64_t> Footprint() {
  task_vm_info_data_t info;
  mach_msg_type_number_t count = TASK_VM_INFO_COUNT;
  const auto result = task_info(mach_task_self(), TASK_VM_INFO, reinterpret_cast<task_info_t>(&info), &count);
  if (result != KERN_SUCCESS) return std::nullopt;
  return static_cast<int64_t>(info.phys_footprint);
}

class AppleSensors : public Sensors {
 public:
  AppleSensors()
      : registered_(notify_register_check(kOSThermalNotificationPressureLevelName, &token_) ==
                    NOTIFY_STATUS_OK) {}
  ~AppleSensors() override {
    if (registered_) notify_cancel(token_);
  }

  // macOS shows its thermometers to root alone; it does tell how hard it must cool.
  ThermalReading Thermal() override {
    ThermalReading reading;
    uint64_t pressure = 0;
    if (!registered_ || notify_get_state(token_, &pressure) != NOTIFY_STATUS_OK) return reading;
    reading.level = ThermalLevel(pressure);
    if (reading.level) reading.throttling = *reading.level >= Level::kSerious;
    return reading;
  }

  MemoryReading Memory() override {
    MemoryReading reading;
    reading.resident_bytes = Footprint();
    reading.limit_bytes = Sysctl<int64_t>("hw.memsize");
    reading.level = MemoryLevel();
    return reading;
  }

 private:
  int token_ = 0;
  const bool registered_;
};

}  // namespace

std::unique_ptr<Sensors> HostSensors(const std::filesystem::path&) {
  return std::make_unique<AppleSensors>();
}

}  // namespace m2tts
