#include "server/jobs/job_folder.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "core/base/program.h"

namespace m2tts {

namespace fs = std::filesystem;

namespace {

constexpr char kDeleted[] = ".deleted-";  // no id begins with a dot

}  // namespace

void JobEnvironment::RemoveJob(const std::string& id) const {
  static std::atomic<int> count{0};
  const fs::path doomed = state_dir / "jobs" / fmt::format("{}{}-{}-{}", kDeleted, id, ::getpid(), ++count);
  std::error_code error;
  fs::rename(job(id), doomed, error);
  if (!error) fs::remove_all(doomed, error);  // what stays costs disk until the next start
}

void JobEnvironment::RemoveLeftovers() const {
  std::error_code error;
  std::vector<fs::path> doomed;
  for (fs::directory_iterator it(state_dir / "jobs", error), end; !error && it != end; it.increment(error)) {
    if (it->path().filename().string().rfind(kDeleted, 0) == 0) doomed.push_back(it->path());
  }
  for (const fs::path& folder : doomed) fs::remove_all(folder, error);
}

Status JobEnvironment::CheckFolders() const {
  std::error_code error;
  const fs::path kept = fs::weakly_canonical(state_dir / "voices", error);
  const fs::path live = fs::weakly_canonical(voices, error);
  if (error || std::mismatch(kept.begin(), kept.end(), live.begin(), live.end()).first != kept.end())
    return OkStatus();
  return InvalidArgument(
      "voices.folder: {} is where state_dir keeps the versions of published voices; name another folder, or "
      "another state_dir, as {}",
      live.string(), (state_dir / "state").string());
}

Status JobEnvironment::CanPublish() const {
  if (::access(voices.c_str(), W_OK | X_OK) == 0) return OkStatus();
  return Errorf(StatusCode::kFailedPrecondition,
                "the daemon cannot write to {}: {}; set voices.folder to a folder of its own",
                voices.string(), std::strerror(errno));
}

Status JobEnvironment::CanRecognize() const {
  if (ProgramExists(recognizer)) return OkStatus();
  return Errorf(
      StatusCode::kFailedPrecondition,
      "the daemon's machine has no '{}' to count word errors with; on Debian: apt install pocketsphinx "
      "pocketsphinx-en-us",
      recognizer);
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
