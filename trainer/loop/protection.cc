#include "trainer/loop/protection.h"

#include <algorithm>

namespace m2tts {

StatusOr<std::unique_ptr<Protection>> Protection::Create(const ProtectionConfig& config, LoopClock clock) {
  std::unique_ptr<Sensors> sensors;
  if (config.sensors.empty()) {
    sensors = HostSensors();
  } else {
    auto file = SensorFile(config.sensors);
    M2TTS_RETURN_IF_ERROR(Annotate(file.status(), "protection.sensors"));
    sensors = *std::move(file);
  }
  return std::unique_ptr<Protection>(new Protection(config, std::move(clock), std::move(sensors)));
}

Protection::Action Protection::Look() {
  const auto now = clock_.now();
  if (last_ && now - *last_ < interval()) return action_;
  last_ = now;
  thermal_ = sensors_->Thermal();
  memory_ = sensors_->Memory();
  const LevelReport heat = tracker_.Thermal(thermal_, now), memory = tracker_.Memory(memory_, now);
  const bool hotter = heat.level.value_or(Level::kNominal) >= memory.level.value_or(Level::kNominal);
  const LevelReport& worst = hotter ? heat : memory;
  const Level level = worst.level.value_or(Level::kNominal);
  reason_.clear();
  if (level > Level::kNominal) {
    reason_ = fmt::format("{} {}: {}", LevelName(level), hotter ? "heat" : "memory pressure", worst.reason);
  }
  action_ = Action::kGoOn;
  if (!config_.enabled) return action_;
  if (config_.pause_at && level >= *config_.pause_at) action_ = Action::kPause;
  if (config_.stop_at && level >= *config_.stop_at) action_ = Action::kStop;
  return action_;
}

std::string Protection::ReasonNotToGrow(double factor) {
  if (!config_.enabled) return "";
  const ThermalReading thermal = sensors_->Thermal();
  MemoryReading memory = sensors_->Memory();
  int64_t more = 0;
  if (memory.resident_bytes && resident_at_start_ && memory.available_bytes) {
    const int64_t trained = std::max<int64_t>(0, *memory.resident_bytes - *resident_at_start_);
    more = static_cast<int64_t>(static_cast<double>(trained) * (factor - 1.0));
    *memory.available_bytes = std::max<int64_t>(0, *memory.available_bytes - more);
  }
  // A tracker of its own, that has seen the same twice: one reading alone would not make a level.
  LevelTracker tracker(config_.levels);
  LevelReport heat, full;
  for (int i = 0; i < 2; ++i) {
    heat = tracker.Thermal(thermal, clock_.now());
    full = tracker.Memory(memory, clock_.now());
  }
  if (heat.level.value_or(Level::kNominal) > Level::kNominal) return "heat: " + heat.reason;
  if (full.level.value_or(Level::kNominal) == Level::kNominal) return "";
  return fmt::format("memory, of which the larger model would take {} MB more: {}", more >> 20, full.reason);
}

std::string Protection::Machine() const {
  std::string text;
  if (memory_.resident_bytes) {
    text = fmt::format("{} MB", *memory_.resident_bytes >> 20);
  }
  if (thermal_.celsius) {
    text += fmt::format("{}{:.0f} C", text.empty() ? "" : "  ", *thermal_.celsius);
  }
  return text;
}

}  // namespace m2tts
