#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <utility>
#include <vector>

#include "client/audio_sink.h"

extern char** environ;

namespace m2tts {
namespace {

struct Player {
  std::vector<std::string> command;
  bool reads_pipe;  // else the path of a complete file is added
};

const std::vector<Player>& KnownPlayers() {
  static const auto* players = new std::vector<Player>{
      {{"aplay", "-q", "-"}, true},
      {{"afplay"}, false},
      {{"paplay"}, false},
      {{"ffplay", "-nodisp", "-autoexit", "-loglevel", "error", "-i", "-"}, true},
  };
  return *players;
}

bool OnPath(const std::string& program) {
  const char* path = getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (!folder.empty() && access((folder + "/" + program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

// A child process whose standard input is ours to write. SIGPIPE must be ignored.
class Child {
 public:
  static StatusOr<std::unique_ptr<Child>> Start(const std::vector<std::string>& command) {
    int ends[2];
    if (pipe(ends) != 0) return Internal("cannot start {}: {}", command[0], strerror(errno));
    std::vector<char*> arguments;
    for (const auto& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[0], 0);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    posix_spawn_file_actions_addclose(&actions, ends[1]);
    // Our blocked and ignored signals are not the child's.
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none, defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    pid_t pid = 0;
    const int error = posix_spawnp(&pid, arguments[0], &actions, &attributes, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    close(ends[0]);
    if (error != 0) {
      close(ends[1]);
      return Errorf(StatusCode::kUnavailable, "cannot start {}: {}", command[0], strerror(error));
    }
    return std::make_unique<Child>(command[0], pid, ends[1]);
  }

  Child(std::string name, pid_t pid, int input) : name_(std::move(name)), pid_(pid), input_(input) {}
  ~Child() {
    if (input_ >= 0) close(input_);
    if (pid_ > 0) {
      kill(pid_, SIGTERM);
      waitpid(pid_, nullptr, 0);
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  Status Write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = write(input_, bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0)
        return Errorf(StatusCode::kUnknown, "{} does not take audio: {}", name_, strerror(errno));
      bytes.remove_prefix(static_cast<size_t>(count));
    }
    return OkStatus();
  }

  Status Wait() {
    close(std::exchange(input_, -1));
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return OkStatus();
    return Errorf(StatusCode::kUnknown, "{} could not play the audio", name_);
  }

 private:
  const std::string name_;
  pid_t pid_;
  int input_;
};

class PipePlayerSink : public AudioSink {
 public:
  explicit PipePlayerSink(std::unique_ptr<Child> child) : child_(std::move(child)) {}
  Status Write(std::string_view bytes) override { return child_->Write(bytes); }
  Status Finish() override { return child_->Wait(); }

 private:
  std::unique_ptr<Child> child_;
};

// For players that want a file: collects the audio in a temporary folder of our own first.
class FilePlayerSink : public AudioSink {
 public:
  FilePlayerSink(std::vector<std::string> command, std::filesystem::path path,
                 std::unique_ptr<AudioSink> file)
      : command_(std::move(command)), path_(std::move(path)), file_(std::move(file)) {}
  ~FilePlayerSink() override {
    file_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(path_.parent_path(), ignored);
  }

  Status Write(std::string_view bytes) override { return file_->Write(bytes); }
  Status Finish() override {
    M2TTS_RETURN_IF_ERROR(file_->Finish());
    command_.push_back(path_.string());
    M2TTS_ASSIGN_OR_RETURN(auto child, Child::Start(command_));
    return child->Wait();
  }

 private:
  std::vector<std::string> command_;
  const std::filesystem::path path_;
  std::unique_ptr<AudioSink> file_;
};

}  // namespace

StatusOr<std::unique_ptr<AudioSink>> OpenPlayerSink() {
  for (const Player& player : KnownPlayers()) {
    if (!OnPath(player.command[0])) continue;
    if (player.reads_pipe) {
      M2TTS_ASSIGN_OR_RETURN(auto child, Child::Start(player.command));
      return std::unique_ptr<AudioSink>(std::make_unique<PipePlayerSink>(std::move(child)));
    }
    std::error_code error;
    std::string folder = std::filesystem::temp_directory_path(error).string() + "/m2tts-XXXXXX";
    if (mkdtemp(folder.data()) == nullptr) return Internal("{}: cannot create: {}", folder, strerror(errno));
    const std::filesystem::path path = std::filesystem::path(folder) / "audio.wav";
    M2TTS_ASSIGN_OR_RETURN(auto file, OpenFileSink(path, /*is_wav=*/true));
    return std::unique_ptr<AudioSink>(
        std::make_unique<FilePlayerSink>(player.command, path, std::move(file)));
  }
  return Errorf(StatusCode::kUnavailable,
                "no audio player found: install one of aplay, afplay, paplay, ffplay, or use -o FILE");
}

}  // namespace m2tts
