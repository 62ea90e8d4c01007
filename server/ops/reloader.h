// What SIGHUP and Admin.Reload do: take over what has changed on disk, each kind by itself.
//
// Flow: 1. read the configuration (file, with the command line's flags over it) and check it: an error here
// changes nothing; 2. every part prepares: reads and checks its files; 3. every part that is ready takes
// over, whole. One that is not stays as it was, keeps nobody else back, and the report names its file and
// what is wrong with it.
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
  // Something that stays as it was, and why: "auth.tokens", "/etc/m2tts/tokens:3: ...".
  struct Failure {
    std::string what;
    Status error;
  };
  // What a part prepared.
  struct Change {
    std::function<void()> take_over;   // may be empty; must not fail
    std::vector<std::string> changed;  // beside the keys: "auth.tokens", when the file's content changed
    std::vector<Failure> failed;       // of a part with several things that do not depend on each other
  };
  struct Part {
    std::string kind;  // of a failure: "auth.tokens"
    // Keys of the configuration that count at once: whole names, or a mapping with its final dot ("limits.").
    std::vector<std::string> keys;
    std::function<StatusOr<Change>(const std::shared_ptr<const ServerConfig>& next)> prepare;
  };
  struct Report {
    std::vector<std::string> changed;
    std::vector<std::string> needs_restart;  // keys that belong to no part
    std::vector<Failure> failed;
  };

  // `load` reads the configuration anew; nullptr keeps the old one (there is no file). `config` is
  // replaced.
  Reloader(std::function<StatusOr<ServerConfig>()> load, Snapshot<ServerConfig>* config)
      : load_(std::move(load)), config_(config) {}

  void AddPart(Part part) { parts_.push_back(std::move(part)); }
  // The error of the configuration; then nothing has changed.
  StatusOr<Report> Reload();

 private:
  StatusOr<Report> ReloadLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  static bool Covers(const Part& part, const std::string& key);
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
