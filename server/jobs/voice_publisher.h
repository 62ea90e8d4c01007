// Makes voices of jobs available for synthesis, and brings earlier versions back.
//
// Every version is kept under STATE_DIR/voices/NAME/N; the one in use is a copy in the daemon's folder
// of voices, put there in one step, and loaded without a restart. A voice that was there before the
// first publication becomes version 1.
//
// One call at a time; any thread.
#pragma once

#include <functional>
#include <string>

#include "core/base/mutex.h"
#include "core/base/status.h"
#include "server/jobs/job_folder.h"
#include "server/jobs/job_store.h"

namespace m2tts {

class VoicePublisher {
 public:
  // Loads the voice of that name anew from the folder of voices, and makes it the default one if wanted.
  using GoLive = std::function<Status(const std::string& name, bool make_default)>;

  VoicePublisher(JobStore* store, JobEnvironment environment, GoLive go_live)
      : store_(store), environment_(std::move(environment)), go_live_(std::move(go_live)) {}

  struct Published {
    std::string voice;
    int64_t version = 0;
  };
  // `bundle` is what the job made; `name` empty: as it is called there. On an error the voice that was in
  // use stays. FAILED_PRECONDITION when what has that name in the folder of voices is no voice.
  StatusOr<Published> Publish(const std::string& job_id, const std::filesystem::path& bundle,
                              const std::string& name, bool make_default) ABSL_LOCKS_EXCLUDED(mutex_);
  // Back to the version before the one in use. FAILED_PRECONDITION when there is none.
  StatusOr<int64_t> Rollback(const std::string& name) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  Status KeepShipped(const std::string& name) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Copies a version into the folder of voices, and loads it; on an error what was there comes back.
  Status Activate(const std::string& name, const std::filesystem::path& version, bool make_default)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  JobStore* const store_;
  const JobEnvironment environment_;
  const GoLive go_live_;
  Mutex mutex_;
};

}  // namespace m2tts
