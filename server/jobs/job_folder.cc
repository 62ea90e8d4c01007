#include "server/jobs/job_folder.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace m2tts {

namespace fs = std::filesystem;

Status JobEnvironment::CanPublish() const {
  if (::access(voices.c_str(), W_OK | X_OK) == 0) return OkStatus();
  return Errorf(StatusCode::kFailedPrecondition,
                "the daemon cannot write to {}: {}; set voices.folder to a folder of its own",
                voices.string(), std::strerror(errno));
}

bool JobEnvironment::MayPublishAs(const std::string& name) const {
  std::error_code error;
  const fs::path live = voices / name;
  return !fs::exists(fs::symlink_status(live, error)) || fs::exists(live / "voice.json", error);
}

Status JobEnvironment::HasRoom(int64_t min_free_mb) const {
  std::error_code error;
  const fs::space_info space = fs::space(state_dir, error);
  const auto free_mb = static_cast<int64_t>(space.available >> 20);
  if (error || free_mb >= min_free_mb) return OkStatus();
  return Errorf(StatusCode::kResourceExhausted,
                "the disk of {} has {} MB of room, and jobs need {} (jobs.min_free_mb)", state_dir.string(),
                free_mb, min_free_mb);
}

}  // namespace m2tts
