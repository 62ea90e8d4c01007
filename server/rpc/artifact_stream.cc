#include "server/rpc/artifact_stream.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "core/base/file.h"
#include "server/base/status_details.h"
#include "server/rpc/raw_message.h"

namespace m2tts {
namespace {

constexpr size_t kChunkBytes = 256 << 10;

}  // namespace

ArtifactStream::ArtifactStream(std::unique_ptr<CallScope> call, const StatusOr<std::filesystem::path>& file,
                               int64_t offset)
    : call_(std::move(call)), offset_(offset) {
  const Status status = file.ok() ? Open(*file) : file.status();
  if (status.ok()) {
    Next();
  } else {
    End(status);
  }
}

Status ArtifactStream::Open(const std::filesystem::path& file) {
  fd_ = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd_ < 0) return ErrnoStatus(file.filename(), "open", errno);
  struct stat info = {};
  if (::fstat(fd_, &info) != 0 || offset_ < 0 || offset_ > info.st_size) {
    return FieldErrorf("offset", "{} is outside the file of {} bytes", offset_,
                       static_cast<int64_t>(info.st_size));
  }
  return OkStatus();
}

ArtifactStream::~ArtifactStream() {
  if (fd_ >= 0) ::close(fd_);
}

void ArtifactStream::Next() {
  std::string* const data = chunk_.mutable_data();
  data->resize(kChunkBytes);
  ssize_t count = 0;
  do {
    count = ::pread(fd_, data->data(), data->size(), offset_);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return End(Internal("cannot read: {}", std::string(std::strerror(errno))));
  if (count == 0 && sent_) return End(OkStatus());
  data->resize(static_cast<size_t>(count));
  chunk_.set_offset(offset_);
  offset_ += count;
  sent_ = true;
  if (const Status status = SerializeMessage(chunk_, &bytes_); !status.ok()) return End(status);
  StartWrite(&bytes_);
}

void ArtifactStream::OnWriteDone(bool ok) {
  if (ok) {
    Next();
  } else {
    End(Errorf(StatusCode::kCancelled, "the client is gone"));
  }
}

void ArtifactStream::End(const Status& status) {
  Finish(call_->End(status));
}

}  // namespace m2tts
