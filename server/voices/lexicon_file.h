// A user lexicon on disk that may change while the daemon runs.
//
// Any thread may call Current: it looks at the file once a second at most, and reads a changed one
// while the others go on with the old words. A file that cannot be read any more, or has a bad line,
// is logged and counted, and what was read before stays in use.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "core/base/mutex.h"
#include "core/base/status.h"
#include "core/text/user_lexicon.h"

namespace m2tts {

class LexiconFile {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;
  // Whether the file has to be there. One that may be missing counts as empty then.
  enum class Presence : uint8_t { kRequired, kOptional };

  explicit LexiconFile(std::filesystem::path path, Presence presence = Presence::kRequired,
                       Clock now = &std::chrono::steady_clock::now);

  // Reads the file for the first time. NOT_FOUND, or INVALID_ARGUMENT with every bad line; the object
  // is then still usable, empty until the file changes.
  Status Load();
  // The words as they are now; nullptr when there are none.
  std::shared_ptr<const UserLexicon> Current();
  // Reads the file if it has changed, without waiting for the next look; true if so. As Load on errors, and
  // again as long as the file stays bad.
  StatusOr<bool> Refresh();
  // How often reading has failed.
  int failures() const;
  const std::filesystem::path& path() const { return path_; }

 private:
  // What tells that a file has changed; absent: there is no file.
  struct Stamp {
    std::filesystem::file_time_type time;
    uintmax_t size = 0;
  };
  static bool Same(const std::optional<Stamp>& a, const std::optional<Stamp>& b);
  std::optional<Stamp> Look() const;
  Status Read(const std::optional<Stamp>& stamp);

  const std::filesystem::path path_;
  const Presence presence_;
  const Clock now_;
  mutable Mutex mutex_;
  std::shared_ptr<const UserLexicon> current_ ABSL_GUARDED_BY(mutex_);
  std::optional<Stamp> stamp_ ABSL_GUARDED_BY(mutex_);
  std::chrono::steady_clock::time_point next_look_ ABSL_GUARDED_BY(mutex_);
  Status last_read_ ABSL_GUARDED_BY(mutex_);
  int failures_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace m2tts
