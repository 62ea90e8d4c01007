#include <array>
#include <limits>
#include <utility>

#include "core/base/file.h"
#include "core/base/strict_yaml.h"
#include "core/device/sensors.h"

namespace m2tts {
namespace {

constexpr std::array<const char*, 4> kLevelNames = {"nominal", "fair", "serious", "critical"};
constexpr size_t kMaxSensorFileBytes = 64 << 10;
constexpr Range kAny = {-1e9, 1e9};

struct Readings {
  ThermalReading thermal;
  MemoryReading memory;
};

// Present or not is the point here, so each key is looked for before it is read.
class OptionalReader {
 public:
  OptionalReader(const YAML::Node& node, const std::string& path) : node_(node), yaml_(node, path) {}

  void Number(const std::string& key, double scale, std::optional<double>* value) {
    double number = 0.0;
    yaml_.Optional(key, &number, kAny);
    if (Has(key)) *value = number * scale;
  }
  void Megabytes(const std::string& key, std::optional<int64_t>* value) {
    std::optional<double> bytes;
    Number(key, 1024.0 * 1024.0, &bytes);
    if (bytes) *value = static_cast<int64_t>(*bytes);
  }
  void Truth(const std::string& key, std::optional<bool>* value) {
    bool truth = false;
    yaml_.Optional(key, &truth);
    if (Has(key)) *value = truth;
  }
  void LevelName(const std::string& key, std::optional<Level>* value) {
    std::string name;
    yaml_.Optional(key, &name, {kLevelNames.begin(), kLevelNames.end()});
    if (Has(key)) *value = ParseLevel(name);
  }
  Status Finish() { return yaml_.Finish(); }

 private:
  bool Has(const std::string& key) const { return node_.IsMap() && node_[key]; }

  const YAML::Node node_;
  StrictYaml yaml_;
};

StatusOr<Readings> ReadSensorFile(const std::filesystem::path& path) {
  M2TTS_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kMaxSensorFileBytes));
  M2TTS_ASSIGN_OR_RETURN(const YAML::Node root, ParseYaml(text, path.string()));
  StrictYaml yaml(root, "");
  Readings readings;
  OptionalReader thermal(yaml.Child("thermal"), "thermal");
  thermal.Number("celsius", 1.0, &readings.thermal.celsius);
  thermal.Truth("throttling", &readings.thermal.throttling);
  thermal.LevelName("level", &readings.thermal.level);
  yaml.Merge(thermal.Finish());
  OptionalReader memory(yaml.Child("memory"), "memory");
  memory.Megabytes("resident_mb", &readings.memory.resident_bytes);
  memory.Megabytes("available_mb", &readings.memory.available_bytes);
  memory.Megabytes("limit_mb", &readings.memory.limit_bytes);
  memory.Number("stall_percent", 1.0, &readings.memory.stall_percent);
  memory.LevelName("level", &readings.memory.level);
  memory.Number("device_percent", 1.0, &readings.memory.device_percent);
  yaml.Merge(memory.Finish());
  M2TTS_RETURN_IF_ERROR(Annotate(yaml.Finish(), path.string()));
  return readings;
}

class FileSensors : public Sensors {
 public:
  explicit FileSensors(std::filesystem::path path) : path_(std::move(path)) {}
  ThermalReading Thermal() override { return Read().thermal; }
  MemoryReading Memory() override { return Read().memory; }

 private:
  Readings Read() const {
    auto readings = ReadSensorFile(path_);
    return readings.ok() ? *readings : Readings();
  }
  const std::filesystem::path path_;
};

}  // namespace

const char* LevelName(Level level) {
  return kLevelNames[static_cast<size_t>(level)];
}

std::optional<Level> ParseLevel(const std::string& name) {
  for (size_t i = 0; i < kLevelNames.size(); ++i) {
    if (name == kLevelNames[i]) return static_cast<Level>(i);
  }
  return std::nullopt;
}

StatusOr<std::unique_ptr<Sensors>> SensorFile(const std::filesystem::path& path) {
  M2TTS_RETURN_IF_ERROR(ReadSensorFile(path).status());
  return std::unique_ptr<Sensors>(std::make_unique<FileSensors>(path));
}

}  // namespace m2tts
