#include "server/jobs/jobs_config.h"

#include <fmt/ranges.h>
#include <algorithm>

namespace m2tts {
namespace {

constexpr std::array<const char*, kGovernorActions> kActionNames = {
    "no_leases", "clear_caches", "shrink_batches", "tighten_admission", "refuse_bulk", "refuse_new"};

std::filesystem::path Resolve(const std::string& text, const std::filesystem::path& base) {
  if (text.empty() || base.empty()) return text;
  return (base / text).lexically_normal();
}

// A list of actions is a beginning of the ladder: what is milder comes first.
void ReadActions(StrictYaml* yaml, Level level, std::array<int, 4>* actions) {
  std::vector<std::string> names;
  int& count = (*actions)[static_cast<size_t>(level)];
  for (int i = 0; i < count; ++i) names.push_back(kActionNames[static_cast<size_t>(i)]);
  yaml->Optional(LevelName(level), &names);
  count = static_cast<int>(names.size());
  for (size_t i = 0; i < names.size(); ++i) {
    if (i < kActionNames.size() && names[i] == kActionNames[i]) continue;
    return yaml->Fail(LevelName(level),
                      fmt::format("'{}' is not the next of the actions, which are, in this order: {}",
                                  names[i], fmt::join(kActionNames, ", ")));
  }
}

}  // namespace

const char* GovernorActionName(GovernorAction action) {
  return kActionNames[static_cast<size_t>(action)];
}

StatusOr<JobsConfig> JobsConfig::Read(StrictYaml yaml, const std::filesystem::path& base) {
  JobsConfig config;
  std::vector<std::string> roots;
  yaml.Optional("data_roots", &roots);
  for (const std::string& root : roots) {
    if (root.empty()) yaml.Fail("data_roots", "the name of a folder is empty");
    config.data_roots.push_back(Resolve(root, base));
  }
  std::string trainer;
  yaml.Optional("trainer", &trainer);
  config.trainer = Resolve(trainer, base);
  yaml.Optional("sandbox", &config.sandbox, {"auto", "on", "off"});
  yaml.Optional("max_running", &config.max_running, Range{0, 1});
  yaml.Optional("memory_limit_mb", &config.memory_limit_mb, Range{0, 1e7});
  yaml.Optional("min_free_mb", &config.min_free_mb, Range{0, 1e7});
  yaml.Optional("heartbeat_seconds", &config.heartbeat_seconds, Range{2, 3600});
  yaml.Optional("stop_seconds", &config.stop_seconds, Range{1, 3600});
  yaml.Optional("release_seconds", &config.release_seconds, Range{0, 1e6});
  yaml.Optional("max_arrival_probability", &config.max_arrival_probability, Range{0.01, 1});
  yaml.Optional("max_step_ms", &config.max_step_ms, Range{0, 60000});
  yaml.Optional("keep_days", &config.keep_days, Range{0, 36500});
  yaml.Optional("forget_days", &config.forget_days, Range{0, 36500});
  if (config.forget_days > 0 && config.forget_days < config.keep_days) {
    yaml.Fail("forget_days",
              fmt::format("{} is less than keep_days, {}", config.forget_days, config.keep_days));
  }
  yaml.Optional("max_unfinished", &config.max_unfinished, Range{1, 100000});
  M2TTS_RETURN_IF_ERROR(yaml.Finish());
  return config;
}

StatusOr<GovernorConfig> GovernorConfig::Read(StrictYaml yaml, const std::filesystem::path& base) {
  GovernorConfig config;
  std::string sensors;
  yaml.Optional("enabled", &config.enabled);
  yaml.Optional("sensors", &sensors);
  config.sensors = Resolve(sensors, base);
  yaml.Optional("sample_seconds", &config.sample_seconds, Range{0.01, 60});
  yaml.Optional("recovery_seconds", &config.recovery_seconds, Range{0, 3600});
  config.levels.Read(&yaml);
  StrictYaml policy(yaml.Child("policy"), "governor.policy");
  for (const Level level : {Level::kFair, Level::kSerious, Level::kCritical}) {
    ReadActions(&policy, level, &config.actions);
  }
  if (!std::is_sorted(config.actions.begin(), config.actions.end())) {
    policy.Fail("critical", "a higher level must do what the lower ones do");
  }
  yaml.Merge(policy.Finish());
  M2TTS_RETURN_IF_ERROR(yaml.Finish());
  return config;
}

}  // namespace m2tts
