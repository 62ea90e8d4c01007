// Thermal zones: Documentation/ABI/testing/sysfs-class-thermal of the Linux kernel; control
// groups: Documentation/admin-guide/cgroup-v2.rst; stalls: Documentation/accounting/psi.rst.

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/file.h"
#include "core/device/sensors.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxReadingBytes = 64 << 10;
constexpr int64_t kKibibyte = 1024;

// Broken and absent thermometers show 0, -273 or 255; a running processor is none of these.
constexpr double kColdest = 5.0;
constexpr double kHottest = 125.0;

// Drivers of processor thermometers, as hwmon names them.
constexpr std::array<std::string_view, 5> kProcessorChips = {"coretemp", "k10temp", "zenpower", "cpu_thermal",
                                                             "scpi_sensors"};

std::string Text(const fs::path& path) {
  auto text = ReadFile(path, kMaxReadingBytes);
  return text.ok() ? *std::move(text) : std::string();
}

// The number at the start of `text`, after spaces.
template <typename T>
std::optional<T> LeadingNumber(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  T value{};
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc()) return std::nullopt;
  return value;
}

// The number after `key` at the start of a line or after a space.
template <typename T>
std::optional<T> NumberAfter(const std::string& text, const std::string& key) {
  for (size_t at = text.find(key); at != std::string::npos; at = text.find(key, at + 1)) {
    if (at != 0 && text[at - 1] != '\n' && text[at - 1] != ' ') continue;
    return LeadingNumber<T>(std::string_view(text).substr(at + key.size()));
  }
  return std::nullopt;
}

std::string FirstWord(const std::string& text) {
  return text.substr(0, text.find_first_of(" \n"));
}

// Files and folders of `folder`, in the order of their names.
std::vector<fs::path> Entries(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code missing;
  for (fs::directory_iterator it(folder, missing), end; !missing && it != end; it.increment(missing)) {
    entries.push_back(it->path());
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

void TakeHotter(const fs::path& millidegrees, std::optional<double>* celsius) {
  const auto value = LeadingNumber<int64_t>(Text(millidegrees));
  if (!value) return;
  const double degrees = static_cast<double>(*value) / 1000.0;
  if (degrees > kColdest && degrees < kHottest) *celsius = std::max(degrees, celsius->value_or(degrees));
}

template <typename T>
void TakeSmaller(std::optional<T> value, std::optional<T>* smallest) {
  if (value) *smallest = std::min(*value, smallest->value_or(*value));
}

class LinuxSensors : public Sensors {
 public:
  explicit LinuxSensors(fs::path root) : root_(std::move(root)) {}

  ThermalReading Thermal() override {
    ThermalReading reading;
    for (const auto& zone : Entries(root_ / "sys/class/thermal")) {
      if (zone.filename().string().rfind("thermal_zone", 0) != 0) continue;
      if (FirstWord(Text(zone / "mode")) != "disabled") TakeHotter(zone / "temp", &reading.celsius);
    }
    for (const auto& chip : Entries(root_ / "sys/class/hwmon")) {
      const std::string name = FirstWord(Text(chip / "name"));
      if (std::find(kProcessorChips.begin(), kProcessorChips.end(), name) == kProcessorChips.end()) continue;
      for (const auto& file : Entries(chip)) {
        const std::string entry = file.filename().string();
        const bool input = entry.rfind("temp", 0) == 0 && entry.find("_input") != std::string::npos;
        if (input) TakeHotter(file, &reading.celsius);
      }
    }
    const auto throttles = ThrottleCount();
    if (throttles && last_throttles_) reading.throttling = *throttles > *last_throttles_;
    last_throttles_ = throttles;
    return reading;
  }

  MemoryReading Memory() override {
    MemoryReading reading;
    if (const auto kib = NumberAfter<int64_t>(Text(root_ / "proc/self/status"), "VmRSS:")) {
      reading.resident_bytes = *kib * kKibibyte;
    }
    const std::string machine = Text(root_ / "proc/meminfo");
    if (const auto kib = NumberAfter<int64_t>(machine, "MemTotal:")) reading.limit_bytes = *kib * kKibibyte;
    if (const auto kib = NumberAfter<int64_t>(machine, "MemAvailable:"))
      reading.available_bytes = *kib * kKibibyte;
    if (reading.available_bytes && reading.limit_bytes)
      reading.used_percent = UsedPercent(*reading.available_bytes, *reading.limit_bytes);
    reading.stall_percent = Stall(root_ / "proc/pressure/memory");
    ReadControlGroup(&reading);
    return reading;
  }

 private:
  // Times that any processor was slowed down by heat; Intel only.
  std::optional<int64_t> ThrottleCount() const {
    std::optional<int64_t> sum;
    for (const auto& cpu : Entries(root_ / "sys/devices/system/cpu")) {
      const auto count = LeadingNumber<int64_t>(Text(cpu / "thermal_throttle/core_throttle_count"));
      if (count) sum = sum.value_or(0) + *count;
    }
    return sum;
  }

  static std::optional<double> Stall(const fs::path& path) {
    const std::string text = Text(path);
    if (text.rfind("some ", 0) != 0) return std::nullopt;
    return NumberAfter<double>(text, "avg10=");
  }

  // The limits of this process's group and of every group above it; the nearest stall figure.
  void ReadControlGroup(MemoryReading* reading) const {
    const std::string groups = Text(root_ / "proc/self/cgroup");
    const size_t line = groups.rfind("0::/", 0) == 0 ? 0 : groups.find("\n0::/");
    if (line == std::string::npos) return;
    const size_t start = groups.find("0::/", line) + 4;
    const std::string name = groups.substr(start, groups.find('\n', start) - start);
    if (name.find("..") != std::string::npos) return;  // outside our namespace
    fs::path mount = root_ / "sys/fs/cgroup";
    if (fs::exists(mount / "unified")) mount /= "unified";
    bool stall_found = false;
    for (fs::path group = fs::path("/") / name;; group = group.parent_path()) {
      const fs::path folder = mount / group.relative_path();
      TakeGroup(folder, reading);
      if (const auto stall = Stall(folder / "memory.pressure"); stall && !stall_found) {
        reading->stall_percent = stall;
        stall_found = true;
      }
      if (!group.has_relative_path()) break;
    }
  }

  static void TakeGroup(const fs::path& folder, MemoryReading* reading) {
    std::optional<int64_t> limit;
    // Both may say "max", which is no number. At `high` the kernel slows the group down.
    TakeSmaller(LeadingNumber<int64_t>(Text(folder / "memory.max")), &limit);
    TakeSmaller(LeadingNumber<int64_t>(Text(folder / "memory.high")), &limit);
    const auto current = LeadingNumber<int64_t>(Text(folder / "memory.current"));
    if (!limit) return;
    TakeSmaller(limit, &reading->limit_bytes);
    if (!current) return;
    // File pages not in use are given up first, so they count as available.
    const int64_t idle = NumberAfter<int64_t>(Text(folder / "memory.stat"), "inactive_file ").value_or(0);
    const int64_t available = std::max<int64_t>(0, *limit - *current + idle);
    TakeSmaller(std::optional(available), &reading->available_bytes);
    const auto used = UsedPercent(available, *limit);
    if (used) reading->used_percent = std::max(reading->used_percent.value_or(0.0), *used);
  }

  const fs::path root_;
  std::optional<int64_t> last_throttles_;
};

}  // namespace

std::unique_ptr<Sensors> HostSensors(const fs::path& root) {
  return std::make_unique<LinuxSensors>(root);
}

}  // namespace m2tts
