#include "core/device/levels.h"

#include <algorithm>
#include <cmath>

namespace m2tts {
namespace {

constexpr Range kThresholds = {0, 1000};

Status ReadLimits(const YAML::Node& node, const std::string& path, LevelLimits* limits) {
  StrictYaml yaml(node, path);
  yaml.Optional("fair", &limits->fair, kThresholds);
  yaml.Optional("serious", &limits->serious, kThresholds);
  yaml.Optional("critical", &limits->critical, kThresholds);
  yaml.Optional("hysteresis", &limits->hysteresis, kThresholds);
  M2TTS_RETURN_IF_ERROR(yaml.Finish());
  if (!(limits->fair < limits->serious && limits->serious < limits->critical)) {
    return InvalidArgument("{}: fair {} < serious {} < critical {} does not hold", path, limits->fair,
                           limits->serious, limits->critical);
  }
  return OkStatus();
}

double Threshold(const LevelLimits& limits, Level level) {
  return level == Level::kCritical  ? limits.critical
         : level == Level::kSerious ? limits.serious
                                    : limits.fair;
}

}  // namespace

// Why a level holds: a figure, or what the system says.
struct LevelTracker::Cause {
  double value = 0.0;
  const LevelLimits* limits = nullptr;  // of the figure; null: `text` says all
  std::string text;                     // the figure's unit

  std::string For(Level level) const {
    if (limits == nullptr) return text;
    const double from = Threshold(*limits, level);
    const std::string figure = fmt::format("{:.1f} {} ({}", value, text, LevelName(level));
    return limits->Of(value) >= level ? fmt::format("{} from {:g})", figure, from)
                                      : fmt::format("{} down to {:g})", figure, from - limits->hysteresis);
  }
};

struct LevelTracker::Vote {
  bool known = false;
  Level entered = Level::kNominal;  // by the thresholds
  Level held = Level::kNominal;     // by the thresholds less the hysteresis, so never below `entered`
  Cause worst;

  void Add(Level enters, Level holds, Cause cause) {
    if (!known || holds > held || (holds == held && enters > entered)) worst = std::move(cause);
    known = true;
    entered = std::max(entered, enters);
    held = std::max(held, holds);
  }
  // `unit` follows the value in the reason.
  void AddFigure(std::optional<double> value, const LevelLimits& limits, const char* unit) {
    if (!value || std::isnan(*value)) return;  // a sensor that has lost its mind knows nothing
    Add(limits.Of(*value), limits.Of(*value + limits.hysteresis), {*value, &limits, unit});
  }
  void AddSystem(std::optional<Level> level, const char* what) {
    if (!level) return;
    Add(*level, *level, {0.0, nullptr, fmt::format("the system reports {} {}", LevelName(*level), what)});
  }
};

Level LevelLimits::Of(double value) const {
  if (value >= critical) return Level::kCritical;
  if (value >= serious) return Level::kSerious;
  return value >= fair ? Level::kFair : Level::kNominal;
}

void LevelOptions::Read(StrictYaml* yaml) {
  double dwell = min_dwell.count();
  yaml->Optional("min_dwell_seconds", &dwell, Range{0, 86400});
  min_dwell = std::chrono::duration<double>(dwell);
  const std::pair<const char*, LevelLimits*> figures[] = {{"celsius", &celsius},
                                                          {"memory_percent", &memory_percent},
                                                          {"stall_percent", &stall_percent},
                                                          {"device_percent", &device_percent}};
  for (const auto& [key, limits] : figures) {
    yaml->Merge(ReadLimits(yaml->Child(key), yaml->ChildPath(key), limits));
  }
}

LevelReport LevelTracker::Thermal(const ThermalReading& reading, Time now) {
  Vote vote;
  vote.AddFigure(reading.celsius, options_.celsius, "C");
  vote.AddSystem(reading.level, "thermal pressure");
  // A processor that slows itself down is warm, but safe: some laptops do nothing else under load.
  if (reading.throttling.value_or(false))
    vote.Add(Level::kFair, Level::kFair, {0.0, nullptr, "the processor is throttled"});
  return Update(vote, now, &thermal_);
}

LevelReport LevelTracker::Memory(const MemoryReading& reading, Time now) {
  Vote vote;
  std::optional<double> used = reading.used_percent;
  if (!used && reading.available_bytes)
    used = UsedPercent(*reading.available_bytes, reading.limit_bytes.value_or(0));
  vote.AddFigure(used, options_.memory_percent, "% of memory in use");
  vote.AddFigure(reading.stall_percent, options_.stall_percent, "% of the time waiting for memory");
  vote.AddFigure(reading.device_percent, options_.device_percent, "% of the device's memory in use");
  vote.AddSystem(reading.level, "memory pressure");
  return Update(vote, now, &memory_);
}

LevelReport LevelTracker::Update(const Vote& vote, Time now, Track* track) const {
  if (!vote.known && track->last_known && now - *track->last_known >= options_.min_dwell) {
    track->last_entered = Level::kNominal;
  }
  const Level risen = std::min(vote.entered, track->last_entered);
  if (vote.known) {
    track->last_entered = vote.entered;
    track->last_known = now;
  }
  if (risen > track->level) {
    track->level = risen;
    track->reason = vote.worst.For(risen);
    track->last_needed = now;
  } else if (vote.held >= track->level) {
    track->last_needed = now;
    if (vote.entered >= track->level) track->reason = vote.worst.For(track->level);
  } else if (now - track->last_needed.value_or(now) >= options_.min_dwell) {
    track->level = vote.held;
    track->reason = vote.worst.For(vote.held);
    track->last_needed = now;
  }
  if (track->level == Level::kNominal) track->reason.clear();
  if (!vote.known && track->level == Level::kNominal) return {std::nullopt, ""};
  return {track->level, track->reason};
}

}  // namespace m2tts
