#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "client/audio_sink.h"
#include "client/wav_header.h"

namespace m2tts {
namespace {

Status FileError(const std::filesystem::path& path, const char* what) {
  return Errorf(StatusCode::kUnknown, "{}: cannot {}: {}", path.string(), what, strerror(errno));
}

class FileSink : public AudioSink {
 public:
  // `temporary` is empty when `fd` is `path` itself.
  FileSink(int fd, std::filesystem::path path, std::string temporary, bool is_wav)
      : fd_(fd), path_(std::move(path)), temporary_(std::move(temporary)), is_wav_(is_wav) {}

  ~FileSink() override {
    if (fd_ >= 0) close(fd_);
    if (!temporary_.empty()) unlink(temporary_.c_str());
  }

  Status Write(std::string_view bytes) override {
    if (head_.size() < kMaxWavHeaderBytes) head_.append(bytes.substr(0, kMaxWavHeaderBytes - head_.size()));
    written_ += bytes.size();
    while (!bytes.empty()) {
      const ssize_t count = write(fd_, bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return FileError(path_, "write");
      bytes.remove_prefix(static_cast<size_t>(count));
    }
    return OkStatus();
  }

  Status Finish() override {
    if (temporary_.empty()) return Close();
    if (is_wav_) M2TTS_RETURN_IF_ERROR(FixWavSizes());
    if (fsync(fd_) != 0) return FileError(path_, "write");
    M2TTS_RETURN_IF_ERROR(Close());
    if (rename(temporary_.c_str(), path_.c_str()) != 0) return FileError(path_, "create");
    temporary_.clear();
    return OkStatus();
  }

 private:
  Status FixWavSizes() {
    const auto sizes = ExactWavSizes(head_, written_);
    // Players take the streaming header of a file that is too long for an exact one.
    if (sizes.status().code() == StatusCode::kOutOfRange) return OkStatus();
    if (!sizes.ok()) return Annotate(sizes.status(), path_.string());
    const std::string riff = LittleEndian32(sizes->riff_size);
    const std::string data = LittleEndian32(sizes->data_size);
    if (pwrite(fd_, riff.data(), 4, 4) != 4 ||
        pwrite(fd_, data.data(), 4, static_cast<off_t>(sizes->data_size_offset)) != 4) {
      return FileError(path_, "write");
    }
    return OkStatus();
  }

  Status Close() {
    const int fd = std::exchange(fd_, -1);
    return close(fd) == 0 ? OkStatus() : FileError(path_, "write");
  }

  int fd_;
  const std::filesystem::path path_;
  std::string temporary_;
  const bool is_wav_;
  std::string head_;  // the first bytes of the file
  uint64_t written_ = 0;
};

// The mode that a file made by open() would have; umask can only be read by setting it.
mode_t NewFileMode() {
  const mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
}

}  // namespace

StatusOr<std::unique_ptr<AudioSink>> OpenFileSink(const std::filesystem::path& path, bool is_wav) {
  std::filesystem::path target = path;
  mode_t mode = NewFileMode();
  struct stat info;
  if (stat(path.c_str(), &info) == 0) {
    if (S_ISDIR(info.st_mode)) {
      errno = EISDIR;
      return FileError(path, "write");
    }
    if (!S_ISREG(info.st_mode)) {
      const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
      if (fd < 0) return FileError(path, "write");
      return std::unique_ptr<AudioSink>(std::make_unique<FileSink>(fd, path, "", is_wav));
    }
    mode = info.st_mode & 07777;
    // A symbolic link stays one: the file behind it is replaced.
    std::error_code error;
    const auto resolved = std::filesystem::canonical(path, error);
    if (!error) target = resolved;
  }
  std::string temporary = target.string() + ".XXXXXX";
  const int fd = mkstemp(temporary.data());
  if (fd < 0) return FileError(path, "create");
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  auto sink = std::make_unique<FileSink>(fd, target, temporary, is_wav);
  if (fchmod(fd, mode) != 0) return FileError(path, "create");
  return std::unique_ptr<AudioSink>(std::move(sink));
}

}  // namespace m2tts
