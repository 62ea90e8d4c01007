#include "server/jobs/governor.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace m2tts {
namespace {

ServingPressure PressureOf(int active) {
  switch (active) {
    case 0:
    case 1:
    case 2:
      return ServingPressure::kNone;
    case 3:
      return ServingPressure::kShrinkBatches;
    case 4:
      return ServingPressure::kTightenAdmission;
    case 5:
      return ServingPressure::kRefuseBulk;
    default:
      return ServingPressure::kRefuseNew;
  }
}

}  // namespace

int GovernorLadder::Update(Level level, Time now) {
  const int due = config_.actions[static_cast<size_t>(level)];
  if (due > active_) {
    active_ = due;
    changed_ = now;
  } else if (due < active_ && now - changed_ >= std::chrono::duration<double>(config_.recovery_seconds)) {
    --active_;
    changed_ = now;
  }
  return active_;
}

StatusOr<std::unique_ptr<Governor>> Governor::Create(const GovernorConfig& config,
                                                     AtomicServingPressure* pressure, GovernorHooks hooks) {
  std::unique_ptr<Sensors> sensors;
  if (config.sensors.empty()) {
    sensors = HostSensors();
  } else {
    auto file = SensorFile(config.sensors);
    M2TTS_RETURN_IF_ERROR(Annotate(file.status(), "governor.sensors"));
    sensors = *std::move(file);
  }
  return std::unique_ptr<Governor>(new Governor(config, std::move(sensors), pressure, std::move(hooks)));
}

Governor::Governor(const GovernorConfig& config, std::unique_ptr<Sensors> sensors,
                   AtomicServingPressure* pressure, GovernorHooks hooks)
    : config_(config),
      sensors_(std::move(sensors)),
      pressure_(pressure),
      hooks_(std::move(hooks)),
      tracker_(config.levels),
      ladder_(config),
      duty_controller_(config.levels.celsius) {
  MutexLock lock(&mutex_);
  status_.enabled = config.enabled;
}

Governor::~Governor() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

void Governor::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void Governor::Loop() {
  const auto interval = std::chrono::duration_cast<std::chrono::steady_clock::duration>(
      std::chrono::duration<double>(config_.sample_seconds));
  while (true) {
    const auto now = std::chrono::steady_clock::now();
    Sample(now);
    MutexLock lock(&mutex_);
    while (!stopping_ && changed_.WaitUntil(&mutex_, now + interval)) {
    }
    if (stopping_) return;
  }
}

void Governor::Sample(GovernorLadder::Time now) {
  GovernorStatus status;
  status.enabled = config_.enabled;
  status.heat = sensors_->Thermal();
  status.room = sensors_->Memory();
  if (!status.room.device_percent && hooks_.device_percent)
    status.room.device_percent = hooks_.device_percent();
  status.thermal = tracker_.Thermal(status.heat, now);
  status.memory = tracker_.Memory(status.room, now);
  const Level heat = status.thermal.level.value_or(Level::kNominal);
  const Level memory = status.memory.level.value_or(Level::kNominal);
  status.by_heat = heat >= memory;
  const Level level = std::max(heat, memory);
  if (level > Level::kNominal) {
    status.reason = fmt::format("{} {}: {}", LevelName(level), status.by_heat ? "heat" : "memory pressure",
                                status.by_heat ? status.thermal.reason : status.memory.reason);
  }
  const double elapsed =
      last_sample_.has_value() ? std::chrono::duration<double>(now - *last_sample_).count() : 0.0;
  last_sample_ = now;
  const double duty = duty_controller_.Update(status.heat.celsius, elapsed);
  status.duty = config_.enabled ? duty : 1.0;
  const int before = ladder_.active();
  status.active = config_.enabled ? ladder_.Update(level, now) : 0;
  {
    MutexLock lock(&mutex_);
    // While actions are being taken back, what they were for is worth knowing.
    if (status.reason.empty() && status.active > 0) {
      status.reason = "recovering";
      status.by_heat = status_.by_heat;
    }
    status_ = status;
  }
  Act(before, status.active, status.reason);
}

void Governor::Act(int before, int after, const std::string& reason) {
  const ServingPressure pressure = PressureOf(after);
  if (pressure_->exchange(pressure) != pressure && hooks_.pressure_changed) hooks_.pressure_changed(pressure);
  for (int i = before; i < after; ++i) {
    const auto action = static_cast<GovernorAction>(i);
    spdlog::warn("governor: {} ({})", GovernorActionName(action), reason);
    if (action == GovernorAction::kClearCaches && hooks_.clear_caches) hooks_.clear_caches();
  }
  for (int i = before; i > after; --i) {
    spdlog::info("governor: {} is over", GovernorActionName(static_cast<GovernorAction>(i - 1)));
  }
}

GovernorStatus Governor::status() const {
  MutexLock lock(&mutex_);
  return status_;
}

}  // namespace m2tts
