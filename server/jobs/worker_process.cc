#include "server/jobs/worker_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "core/base/file.h"

extern char** environ;

namespace m2tts {
namespace {

constexpr int kLeaseFd = 3;  // in the child
constexpr std::streamoff kMaxLastLine = 4096;

// How many processes the kernel has killed for lack of memory; 0 where it does not tell.
int64_t OomKills() {
  std::ifstream file("/proc/vmstat");
  std::string name;
  for (int64_t value = 0; file >> name >> value;) {
    if (name == "oom_kill") return value;
  }
  return 0;
}

off_t SizeOf(const std::filesystem::path& path) {
  std::error_code missing;
  const auto size = std::filesystem::file_size(path, missing);
  return missing ? 0 : static_cast<off_t>(size);
}

// The last line that is not empty, after `begin`. How a worker is locked in explains no end.
std::string LastLine(const std::filesystem::path& path, off_t begin) {
  std::ifstream file(path, std::ios::binary);
  file.seekg(0, std::ios::end);
  file.seekg(std::max<std::streamoff>(begin, static_cast<std::streamoff>(file.tellg()) - kMaxLastLine));
  std::string last;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line.rfind("sandbox: ", 0) != 0) last = line;
  }
  const std::string prefix = "m2tts-trainer: ";
  return last.rfind(prefix, 0) == 0 ? last.substr(prefix.size()) : last;
}

class FileActions {
 public:
  FileActions() { posix_spawn_file_actions_init(&actions_); }
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  void Open(int fd, const std::string& path, int flags) {
    posix_spawn_file_actions_addopen(&actions_, fd, path.c_str(), flags, 0644);
  }
  void Duplicate(int from, int to) { posix_spawn_file_actions_adddup2(&actions_, from, to); }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

// The daemon ignores or blocks signals that a worker must not; and Ctrl-C at the daemon's terminal
// is not for its workers.
class Attributes {
 public:
  Attributes() {
    posix_spawnattr_init(&attributes_);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(&attributes_,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~Attributes() { posix_spawnattr_destroy(&attributes_); }
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

// Both ends close themselves in other children; the daemon's does not block when read.
Status MakeSocketPair(int* daemon_end, int* worker_end) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) {
    return Internal("socketpair: {}", std::strerror(errno));
  }
  for (const int end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
#ifdef SO_NOSIGPIPE
  const int on = 1;
  for (const int end : ends) ::setsockopt(end, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof(on));
#endif
  *daemon_end = ends[0];
  *worker_end = ends[1];
  return OkStatus();
}

}  // namespace

StatusOr<std::unique_ptr<WorkerProcess>> WorkerProcess::Start(const Options& options) {
  M2TTS_RETURN_IF_ERROR(MakeFolder(options.log.parent_path()));
  int daemon_end = -1, worker_end = -1;
  if (options.lease) M2TTS_RETURN_IF_ERROR(MakeSocketPair(&daemon_end, &worker_end));
  FileActions actions;
  actions.Open(STDIN_FILENO, "/dev/null", O_RDONLY);
  actions.Open(STDERR_FILENO, options.log.string(), O_WRONLY | O_CREAT | O_APPEND);
  if (options.output.empty()) {
    actions.Duplicate(STDERR_FILENO, STDOUT_FILENO);
  } else {
    actions.Open(STDOUT_FILENO, options.output.string(), O_WRONLY | O_CREAT | O_TRUNC);
  }
  if (options.lease) actions.Duplicate(worker_end, kLeaseFd);
  const Attributes attributes;

  std::vector<std::string> words = {options.program.string()};
  for (const std::string& argument : options.arguments) {
    words.push_back(argument == "{lease}" ? std::to_string(kLeaseFd) : argument);
  }
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const off_t log_begin = SizeOf(options.log);
  pid_t pid = -1;
  const int error =
      ::posix_spawn(&pid, options.program.c_str(), actions.get(), attributes.get(), argv.data(), environ);
  if (worker_end >= 0) ::close(worker_end);
  if (error != 0) {
    if (daemon_end >= 0) ::close(daemon_end);
    return Errorf(error == ENOENT ? StatusCode::kNotFound : StatusCode::kInternal,
                  "cannot start {}: {}; set jobs.trainer", options.program.string(), std::strerror(error));
  }
  return std::unique_ptr<WorkerProcess>(new WorkerProcess(pid, daemon_end, options.log, log_begin));
}

WorkerProcess::WorkerProcess(pid_t pid, int socket, std::filesystem::path log, off_t log_begin)
    : pid_(pid), socket_(socket), log_(std::move(log)), log_begin_(log_begin), oom_kills_(OomKills()) {}

WorkerProcess::~WorkerProcess() {
  if (!exit_.has_value()) {
    Signal(SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (socket_ >= 0) ::close(socket_);
}

std::optional<WorkerExit> WorkerProcess::Poll() {
  if (exit_.has_value()) return exit_;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
  WorkerExit exit;
  if (WIFSIGNALED(status)) exit.signal = WTERMSIG(status);
  if (WIFEXITED(status)) exit.code = WEXITSTATUS(status);
  exit.oom_killed = exit.signal == SIGKILL && OomKills() > oom_kills_;
  exit.last_line = LastLine(log_, log_begin_);
  exit_ = exit;
  return exit_;
}

void WorkerProcess::Signal(int signal) const {
  // Its group: what it has started, as a recognizer, stops and ends with it.
  if (!exit_.has_value()) ::kill(-pid_, signal);
}

void WorkerProcess::Freeze() {
  if (stopped_) return;
  Signal(SIGSTOP);
  stopped_ = true;
}

void WorkerProcess::Thaw() {
  if (!stopped_) return;
  Signal(SIGCONT);
  stopped_ = false;
}

}  // namespace m2tts
