// What SIGHUP and Admin.Reload do: take over what has changed on disk, all of it or nothing.
//
// Flow: 1. read the configuration (file, with the command line's flags over it) and check it;
// 2. every part prepares: reads and checks its files; 3. if all went well, every part takes over.
// An error at 1 or 2 changes nothing and says what is wrong.
//
// Parts are added at the start; Reload may be called by any thread, and reads files: not by gRPC's.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/mutex.h"
#include "core/base/status.h"
#include "server/base/snapshot.h"
#include "server/config.h"

namespace m2tts {

class Reloader {
 public:
  // What a part prepared.
  struct Change {
    std::function<void()> take_over;   // may be empty; must not fail
    std::vector<std::string> changed;  // beside the keys: "auth.tokens", when the file's content changed
  };
  struct Part {
    // Keys of the configuration that count at once: whole names, or a mapping with its final dot ("limits.").
    std::vector<std::string> keys;
    std::function<StatusOr<Change>(const std::shared_ptr<const ServerConfig>& next)> prepare;
  };
  struct Report {
    std::vector<std::string> changed;
    std::vector<std::string> needs_restart;  // keys that belong to no part
  };

  // `load` reads the configuration anew; nullptr keeps the old one (there is no file). `config` is
  // replaced when all parts are ready.
  Reloader(std::function<StatusOr<ServerConfig>()> load, Snapshot<ServerConfig>* config)
      : load_(std::move(load)), config_(config) {}

  void AddPart(Part part) { parts_.push_back(std::move(part)); }
  StatusOr<Report> Reload();

 private:
  StatusOr<Report> ReloadLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool CountsAtOnce(const std::string& key) const;

  const std::function<StatusOr<ServerConfig>()> load_;
  Snapshot<ServerConfig>* const config_;
  std::vector<Part> parts_;
  Mutex mutex_;  // one reload at a time
  // Keys that earlier reloads have found changed and that still wait for a restart.
  std::string running_text_ ABSL_GUARDED_BY(mutex_);
  bool has_running_text_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace m2tts
