#include "trainer/monitor/event_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "trainer/monitor/crc32c.h"

namespace m2tts {
namespace {

enum EventField { kWallTime = 1, kStep = 2, kFileVersion = 3, kSummary = 5, kSessionLog = 7 };
enum ValueField { kTag = 1, kSimpleValue = 2, kImage = 4, kAudio = 6 };
constexpr int kSessionStatus = 1;
constexpr int kSessionStarts = 1;
constexpr int kSummaryValue = 1;
constexpr int kRgb = 3;

std::atomic<int> created{0};

double UnixTime() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string HostName() {
  char name[256] = {};
  return gethostname(name, sizeof(name) - 1) == 0 && name[0] != '\0' ? name : "localhost";
}

WireMessage EventAt(int64_t step, const WireMessage& summary) {
  return WireMessage().Varint(kStep, step).Message(kSummary, summary);
}

}  // namespace

StatusOr<std::unique_ptr<EventFile>> EventFile::Create(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const auto path = folder / fmt::format("events.out.tfevents.{:010.0f}.{}.{}.{}", UnixTime(), HostName(),
                                         getpid(), created++);
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) {
    return Errorf(StatusCode::kPermissionDenied, "{}: cannot be written: {}", path.string(),
                  std::strerror(errno));
  }
  std::unique_ptr<EventFile> events(new EventFile(fd, path));
  M2TTS_RETURN_IF_ERROR(events->Write(WireMessage().Bytes(kFileVersion, "brain.Event:2")));
  return events;
}

EventFile::~EventFile() {
  ::close(fd_);
}

Status EventFile::SessionStart(int64_t step) {
  const WireMessage session = WireMessage().Varint(kSessionStatus, kSessionStarts);
  return Write(WireMessage().Varint(kStep, step).Message(kSessionLog, session));
}

Status EventFile::Scalars(int64_t step, const std::vector<std::pair<std::string, double>>& values) {
  WireMessage summary;
  for (const auto& [tag, value] : values) {
    summary.Message(kSummaryValue,
                    WireMessage().Bytes(kTag, tag).Float(kSimpleValue, static_cast<float>(value)));
  }
  return Write(EventAt(step, summary));
}

Status EventFile::Image(int64_t step, const std::string& tag, int width, int height, std::string_view png) {
  WireMessage image;
  image.Varint(1, height).Varint(2, width).Varint(3, kRgb).Bytes(4, png);
  WireMessage summary;
  summary.Message(kSummaryValue, WireMessage().Bytes(kTag, tag).Message(kImage, image));
  return Write(EventAt(step, summary));
}

Status EventFile::Sound(int64_t step, const std::string& tag, int sample_rate, int64_t samples,
                        std::string_view wav) {
  WireMessage sound;
  sound.Float(1, static_cast<float>(sample_rate)).Varint(2, 1).Varint(3, samples).Bytes(4, wav);
  sound.Bytes(5, "audio/wav");
  WireMessage summary;
  summary.Message(kSummaryValue, WireMessage().Bytes(kTag, tag).Message(kAudio, sound));
  return Write(EventAt(step, summary));
}

Status EventFile::Write(const WireMessage& event) {
  const std::string payload = WireMessage().Double(kWallTime, UnixTime()).bytes() + event.bytes();
  std::string record;
  AppendLittleEndian(payload.size(), 8, &record);
  AppendLittleEndian(MaskedCrc32c(record), 4, &record);
  record += payload;
  AppendLittleEndian(MaskedCrc32c(payload), 4, &record);
  for (size_t done = 0; done < record.size();) {
    const ssize_t written = ::write(fd_, record.data() + done, record.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int error = errno;
      const bool cut = ::ftruncate(fd_, size_) == 0;
      return Errorf(StatusCode::kUnavailable, "{}: cannot be written{}: {}", path_.string(),
                    cut ? "" : ", and is damaged now", std::strerror(error));
    }
    done += static_cast<size_t>(written);
  }
  size_ += static_cast<int64_t>(record.size());
  return OkStatus();
}

}  // namespace m2tts
