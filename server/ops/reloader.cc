#include "server/ops/reloader.h"

#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "server/ops/config_diff.h"

namespace m2tts {

bool Reloader::Covers(const Part& part, const std::string& key) {
  return std::any_of(part.keys.begin(), part.keys.end(), [&key](const std::string& name) {
    return name == key || (name.back() == '.' && key.compare(0, name.size(), name) == 0);
  });
}

bool Reloader::CountsAtOnce(const std::string& key) const {
  return std::any_of(parts_.begin(), parts_.end(), [&key](const Part& part) { return Covers(part, key); });
}

StatusOr<Reloader::Report> Reloader::ReloadLocked() {
  const std::shared_ptr<const ServerConfig> now = config_->Get();
  auto next = std::make_shared<ServerConfig>(*now);
  if (load_ != nullptr) {
    M2TTS_ASSIGN_OR_RETURN(*next, load_());
  }
  if (!has_running_text_) running_text_ = now->file_text;
  has_running_text_ = true;

  Report report;
  // What counts at once is compared with the last reload, the rest with what the daemon started with.
  M2TTS_ASSIGN_OR_RETURN(const std::vector<std::string> since_reload,
                         ChangedKeys(now->file_text, next->file_text));
  M2TTS_ASSIGN_OR_RETURN(const std::vector<std::string> since_start,
                         ChangedKeys(running_text_, next->file_text));
  std::copy_if(since_reload.begin(), since_reload.end(), std::back_inserter(report.changed),
               [this](const std::string& key) { return CountsAtOnce(key); });
  std::copy_if(since_start.begin(), since_start.end(), std::back_inserter(report.needs_restart),
               [this](const std::string& key) { return !CountsAtOnce(key); });

  std::vector<Change> changes;
  for (const Part& part : parts_) {
    StatusOr<Change> change = part.prepare(next);
    if (change.ok()) {
      changes.push_back(*std::move(change));
      continue;
    }
    report.failed.push_back({part.kind, change.status()});
    const auto stays = [&part](const std::string& key) { return Covers(part, key); };
    report.changed.erase(std::remove_if(report.changed.begin(), report.changed.end(), stays),
                         report.changed.end());
  }
  for (Change& change : changes) {
    if (change.take_over) change.take_over();
    for (const std::string& what : change.changed) {
      const bool told = std::find(report.changed.begin(), report.changed.end(), what) != report.changed.end();
      if (!told) report.changed.push_back(what);
    }
    std::move(change.failed.begin(), change.failed.end(), std::back_inserter(report.failed));
  }
  config_->Set(std::move(next));
  return report;
}

StatusOr<Reloader::Report> Reloader::Reload() {
  MutexLock lock(&mutex_);
  StatusOr<Report> report = ReloadLocked();
  if (!report.ok()) {
    spdlog::error("reload: {}; everything stays as it was", std::string(report.status().message()));
    return report;
  }
  for (const Failure& failure : report->failed) {
    spdlog::error("reload: {}; what was read before stays in force", std::string(failure.error.message()));
  }
  spdlog::info("reloaded; changed: {}",
               report->changed.empty() ? "nothing" : fmt::format("{}", fmt::join(report->changed, ", ")));
  if (!report->needs_restart.empty()) {
    spdlog::warn("these settings count from the next start on: {}", fmt::join(report->needs_restart, ", "));
  }
  return report;
}

}  // namespace m2tts
