// Landlock: https://docs.kernel.org/userspace-api/landlock.html
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iterator>
#include <system_error>
#include <utility>

#include "core/base/file.h"
#include "trainer/worker/program_files.h"
#include "trainer/worker/sandbox_parts.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

// What linux/landlock.h of Debian 12 does not know yet; a kernel takes zeros for what it does not know.
constexpr uint64_t kTruncate = uint64_t{1} << 14;                 // since version 3
constexpr uint64_t kScopeAbstractSockets = 1, kScopeSignals = 2;  // since version 6
constexpr int kTruncateVersion = 3, kScopeVersion = 6;
struct RulesetAttributes {
  uint64_t handled_access_fs = 0;  // everything that needs a rule from now on
  uint64_t handled_access_net = 0;
  uint64_t scoped = 0;
};

constexpr uint64_t kEverything = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;  // of version 1
constexpr uint64_t kRead = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr uint64_t kRun = kRead | LANDLOCK_ACCESS_FS_EXECUTE;
constexpr uint64_t kUseDevice = kRead | LANDLOCK_ACCESS_FS_WRITE_FILE;
// Regular files and folders only: the daemon follows no link that a worker has made. Nor can a file be moved
// from one folder to another, which would need LANDLOCK_ACCESS_FS_REFER.
constexpr uint64_t kChange = kRead | LANDLOCK_ACCESS_FS_WRITE_FILE | kTruncate | LANDLOCK_ACCESS_FS_MAKE_REG |
                             LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                             LANDLOCK_ACCESS_FS_REMOVE_DIR;
// The part that a rule for a single file may have.
constexpr uint64_t kOfFiles =
    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_EXECUTE | kTruncate;

class Descriptor {
 public:
  explicit Descriptor(long fd) : fd_(static_cast<int>(fd)) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  const int fd_;
};

template <typename... Args>
Status Missing(fmt::format_string<Args...> format, Args&&... args) {
  return Errorf(StatusCode::kUnimplemented, format, std::forward<Args>(args)...);
}

int Threads() {
  std::error_code ignored;
  const fs::directory_iterator tasks("/proc/self/task", ignored);
  return static_cast<int>(std::distance(begin(tasks), end(tasks)));
}

Status Allow(int ruleset, const fs::path& path, uint64_t access) {
  const Descriptor place(::open(path.c_str(), O_PATH | O_CLOEXEC));
  if (place.get() < 0) {
    const bool out_of_reach = errno == ENOENT || errno == ENOTDIR || errno == EACCES;
    return out_of_reach ? OkStatus() : ErrnoStatus(path, "open", errno);
  }
  struct stat info;
  if (::fstat(place.get(), &info) != 0) return ErrnoStatus(path, "stat", errno);
  landlock_path_beneath_attr rule = {};
  rule.allowed_access = S_ISDIR(info.st_mode) ? access : access & kOfFiles;
  rule.parent_fd = place.get();
  if (::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0) {
    return ErrnoStatus(path, "allow", errno);
  }
  return OkStatus();
}

}  // namespace

StatusOr<std::string> RestrictFiles(const FileRules& rules) {
  const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 1) return Missing("this kernel has no Landlock ({})", std::strerror(errno));
  if (const int threads = Threads(); threads > 1) {
    return Missing(
        "Landlock does not hold the {} threads that libraries have started before main (a BLAS does "
        "not with OPENBLAS_NUM_THREADS=1)",
        threads - 1);
  }
  RulesetAttributes attributes;
  attributes.handled_access_fs = kEverything | (version >= kTruncateVersion ? kTruncate : 0);
  if (version >= kScopeVersion) attributes.scoped = kScopeAbstractSockets | kScopeSignals;
  const Descriptor ruleset(::syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0));
  if (ruleset.get() < 0) return Missing("Landlock refuses ({})", std::strerror(errno));

  const ProgramFiles programs = FilesOfPrograms();
  const std::pair<const std::vector<fs::path>*, uint64_t> kinds[] = {{&programs.run, kRun},
                                                                     {&programs.read, kRead},
                                                                     {&programs.devices, kUseDevice},
                                                                     {&rules.read, kRead},
                                                                     {&rules.write, kChange}};
  for (const auto& [paths, access] : kinds) {
    for (const fs::path& path : *paths) {
      M2TTS_RETURN_IF_ERROR(Allow(ruleset.get(), path, access & attributes.handled_access_fs));
    }
  }
  // The kernel wants it: programs that are started cannot gain rights.
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return Missing("no_new_privs: {}", std::strerror(errno));
  if (::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0) {
    return Missing("Landlock refuses ({})", std::strerror(errno));
  }
  return fmt::format("Landlock {}", version);
}

}  // namespace m2tts
