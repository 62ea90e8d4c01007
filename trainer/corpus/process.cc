#include "trainer/corpus/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sstream>

#include "core/base/mutex.h"

extern char** environ;

namespace m2tts {
namespace {

using Clock = std::chrono::steady_clock;

struct Pipe {
  int read = -1;
  int write = -1;
  ~Pipe() {
    CloseRead();
    CloseWrite();
  }
  void CloseRead() {
    if (read >= 0) close(std::exchange(read, -1));
  }
  void CloseWrite() {
    if (write >= 0) close(std::exchange(write, -1));
  }
};

Status OpenPipe(Pipe* pipe_ends) {
  int ends[2];
  if (pipe(ends) != 0) return Internal("cannot make a pipe: {}", std::strerror(errno));
  pipe_ends->read = ends[0];
  pipe_ends->write = ends[1];
  for (const int end : ends) fcntl(end, F_SETFD, FD_CLOEXEC);
  return OkStatus();
}

// From pipe() to posix_spawn() under one lock: a child spawned by another thread in between
// would inherit the write end and keep it open.
Mutex spawn_mutex;

StatusOr<pid_t> Spawn(const std::vector<std::string>& argv, Pipe* out, Pipe* err) {
  std::vector<char*> arguments;
  for (const std::string& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);

  MutexLock lock(&spawn_mutex);
  M2TTS_RETURN_IF_ERROR(OpenPipe(out));
  M2TTS_RETURN_IF_ERROR(OpenPipe(err));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out->write, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err->write, STDERR_FILENO);
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, argv[0].c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error == ENOENT) return NotFound("program '{}' is not installed, or not in $PATH", argv[0]);
  if (error != 0) return Internal("cannot run '{}': {}", argv[0], std::strerror(error));
  return pid;
}

// Appends what is ready; false at the end of the stream.
bool Drain(int fd, size_t limit, std::string* text) {
  std::array<char, 16384> buffer;
  const ssize_t count = read(fd, buffer.data(), buffer.size());
  if (count < 0) return errno == EINTR || errno == EAGAIN;
  text->append(buffer.data(), std::min<size_t>(count, limit - std::min(limit, text->size())));
  return count > 0;
}

}  // namespace

std::string ProcessResult::Describe() const {
  std::string last;
  std::istringstream lines(err.empty() ? out : err);
  for (std::string line; std::getline(lines, line);) {
    if (line.find_first_not_of(" \t\r") != std::string::npos) last = line;
  }
  const std::string how =
      signal != 0 ? fmt::format("killed by signal {}", signal) : fmt::format("exit code {}", exit_code);
  return last.empty() ? how : fmt::format("{}: {}", how, last.substr(0, 300));
}

StatusOr<ProcessResult> RunProcess(const std::vector<std::string>& argv, const ProcessOptions& options) {
  if (argv.empty() || argv[0].empty()) return InvalidArgument("no program given to run");
  const Clock::time_point deadline = Clock::now() + options.timeout;
  Pipe out;
  Pipe err;
  M2TTS_ASSIGN_OR_RETURN(const pid_t pid, Spawn(argv, &out, &err));
  out.CloseWrite();
  err.CloseWrite();

  ProcessResult result;
  bool timed_out = false;
  while (out.read >= 0 || err.read >= 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) {
      timed_out = true;
      break;
    }
    pollfd fds[2] = {{out.read, POLLIN, 0}, {err.read, POLLIN, 0}};  // poll skips negative ones
    if (poll(fds, 2, static_cast<int>(std::min<int64_t>(left, 60'000))) <= 0) continue;
    if (fds[0].revents != 0 && !Drain(out.read, options.max_output_bytes, &result.out)) out.CloseRead();
    if (fds[1].revents != 0 && !Drain(err.read, options.max_output_bytes, &result.err)) err.CloseRead();
  }
  if (timed_out) kill(pid, SIGKILL);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (timed_out) {
    return Errorf(StatusCode::kDeadlineExceeded, "'{}' did not finish within {:.1f} s and was killed",
                  argv[0], std::chrono::duration<double>(options.timeout).count());
  }
  if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
  if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
  return result;
}

StatusOr<ScratchFolder> ScratchFolder::Create() {
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::temp_directory_path(error);
  if (error) return Internal("no folder for temporary files: {}", error.message());
  std::string name = (parent / "m2tts-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    return Internal("cannot make a folder in {}: {}", parent.string(), std::strerror(errno));
  }
  return ScratchFolder(name);
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace m2tts
