#include "trainer/loop/run_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "core/audio/codec.h"
#include "core/base/file.h"
#include "trainer/monitor/sample_files.h"

namespace m2tts {
namespace {

constexpr auto kTerminalInterval = std::chrono::milliseconds(100);
constexpr auto kPlainInterval = std::chrono::seconds(30);
constexpr int kBarWidth = 24;

std::string Bar(double share) {
  const int full = static_cast<int>(std::lround(share * kBarWidth));
  return std::string(full, '#') + std::string(kBarWidth - full, '.');
}

// Shortens the file to the end of its last whole line; false with errno when that fails.
bool CutHalfLine(int fd) {
  off_t end = ::lseek(fd, 0, SEEK_END);
  const off_t size = end;
  char last = '\n';
  while (end > 0 && ::pread(fd, &last, 1, end - 1) == 1 && last != '\n') --end;
  return end >= 0 && (end == size || ::ftruncate(fd, end) == 0);
}

// For people. Where it finds no room, as in a file on a full disk, it is lost: it ends no run.
void Print(const std::string& text) {
  std::fputs(text.c_str(), stderr);
  std::fflush(stderr);
}

double UnixSeconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

std::string FormatDuration(double seconds) {
  const auto total = std::llround(std::max(0.0, seconds));
  if (total >= 3600) return fmt::format("{} h {:02d} min", total / 3600, total % 3600 / 60);
  if (total >= 60) return fmt::format("{} min {:02d} s", total / 60, total % 60);
  return fmt::format("{} s", total);
}

StatusOr<std::unique_ptr<RunLog>> RunLog::Open(const std::filesystem::path& folder) {
  M2TTS_RETURN_IF_ERROR(MakeFolder(folder));
  const auto path = folder / "log.jsonl";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) return ErrnoStatus(path, "write", errno);
  std::unique_ptr<RunLog> log(new RunLog(fd, path));
  if (!CutHalfLine(fd)) return ErrnoStatus(path, "repair", errno);
  return log;
}

RunLog::RunLog(int fd, std::filesystem::path path)
    : fd_(fd), path_(std::move(path)), terminal_(isatty(STDERR_FILENO) == 1) {}

RunLog::~RunLog() {
  EndProgressLine();
  ::close(fd_);
}

void RunLog::Event(const std::string& event, const std::string& stage, int64_t step, const Metrics& metrics,
                   const std::string& reason) {
  nlohmann::ordered_json line = {{"time", UnixSeconds()}, {"event", event}, {"stage", stage}, {"step", step}};
  for (const auto& [name, value] : metrics) line[name] = value;  // NaN becomes null
  if (!reason.empty()) line["reason"] = reason;
  Append(line.dump());

  const std::string part = event == "step" ? "train/" : event == "validation" ? "validation/" : "";
  EventFile* events = part.empty() ? nullptr : Events(stage, step);
  if (events == nullptr) return;
  Metrics tagged;
  for (const auto& [name, value] : metrics) tagged.emplace_back(part + name, value);
  Complain(events->Scalars(step, tagged));
}

void RunLog::Facts(const std::vector<std::pair<std::string, std::string>>& facts) {
  nlohmann::ordered_json line = {{"time", UnixSeconds()}, {"event", "run"}};
  for (const auto& [name, value] : facts) line[name] = value;
  // A description may hold any bytes.
  Append(line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

void RunLog::Append(const std::string& line) {
  pending_ += line + "\n";
  WritePending();
}

EventFile* RunLog::Events(const std::string& stage, int64_t step) {
  const auto found = events_.find(stage);
  if (found != events_.end()) return found->second.get();
  auto& events = events_[stage];
  auto created = EventFile::Create(path_.parent_path() / "tensorboard" / stage);
  Complain(created.status());
  if (!created.ok()) return nullptr;
  events = *std::move(created);
  Complain(events->SessionStart(step));
  return events.get();
}

void RunLog::Show(const std::string& stage, int64_t step, const Samples& samples) {
  for (const auto& image : samples.images) Complain(ShowImage(stage, step, image));
  for (const auto& sound : samples.sounds) Complain(ShowSound(stage, step, sound));
}

Status RunLog::ShowImage(const std::string& stage, int64_t step, const Samples::Image& image) {
  M2TTS_ASSIGN_OR_RETURN(const std::string png, image.picture.ToPng());
  const auto path = path_.parent_path() / "samples" / SampleFileName(stage, step, image.name, ".png");
  M2TTS_RETURN_IF_ERROR(WriteFileAtomic(path, png));
  EventFile* events = Events(stage, step);
  if (events == nullptr) return OkStatus();
  return events->Image(step, "samples/" + image.name, image.picture.width(), image.picture.height(), png);
}

Status RunLog::ShowSound(const std::string& stage, int64_t step, const Samples::Sound& sound) {
  const auto path =
      path_.parent_path() / "samples" / SampleFileName(stage, sound.natural ? -1 : step, sound.name, ".wav");
  if (sound.natural && std::filesystem::exists(path)) return OkStatus();
  const auto wav = EncodeAudio(sound.wave, sound.sample_rate, AudioEncoding::kWav);
  M2TTS_RETURN_IF_ERROR(Annotate(wav.status(), path.string()));
  M2TTS_RETURN_IF_ERROR(WriteFileAtomic(path, *wav));
  if (sink_ != nullptr && !sound.natural) sink_->OnSample("samples/" + path.filename().string());
  EventFile* events = Events(stage, step);
  if (events == nullptr) return OkStatus();
  const std::string tag = "samples/" + sound.name + (sound.natural ? "-natural" : "");
  return events->Sound(step, tag, sound.sample_rate, static_cast<int64_t>(sound.wave.size()), *wav);
}

void RunLog::Complain(const Status& status) {
  if (status.ok() || std::exchange(complained_, true)) return;
  Message(std::string(status.message()));
}

void RunLog::WritePending() {
  while (!pending_.empty()) {
    const ssize_t written = ::write(fd_, pending_.data(), pending_.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int error = errno;
      if (!std::exchange(complained_, true)) {
        Message(std::string(ErrnoStatus(path_, "write", error).message()) + "; its lines are kept for later");
      }
      return;
    }
    pending_.erase(0, static_cast<size_t>(written));
  }
  complained_ = false;
}

void RunLog::Progress(const std::string& stage, int64_t step, int64_t total, const Metrics& metrics,
                      double frames_per_second, double seconds_per_step, const std::string& machine) {
  if (sink_ != nullptr) {
    sink_->OnProgress({stage, step, total, metrics, frames_per_second, seconds_per_step});
  }
  const bool last = step == total;
  if (!DueForLine(last)) return;
  std::string text = fmt::format("{} [{}] {}/{}", stage, Bar(static_cast<double>(step) / total), step, total);
  for (const auto& [name, value] : metrics) text += fmt::format("  {} {:.4f}", name, value);
  text += fmt::format("  {:.0f} frames/s  ETA {}", frames_per_second,
                      FormatDuration((total - step) * seconds_per_step));
  if (!machine.empty()) text += "  " + machine;
  PrintLine(text, last);
}

void RunLog::Work(const std::string& what, size_t done, size_t total) {
  const auto now = std::chrono::steady_clock::now();
  if (what != work_) {
    work_ = what;
    work_began_ = last_print_ = now;
  }
  const bool last = done == total;
  if (!DueForLine(last)) return;
  const double share = static_cast<double>(done) / static_cast<double>(total);
  std::string text = fmt::format("{} [{}] {}/{}", what, Bar(share), done, total);
  const double seconds = std::chrono::duration<double>(now - work_began_).count();
  if (done > 0 && !last) text += "  ETA " + FormatDuration(seconds * (1.0 / share - 1.0));
  PrintLine(text, last);
}

bool RunLog::DueForLine(bool last) {
  const auto now = std::chrono::steady_clock::now();
  const auto interval = terminal_ ? kTerminalInterval : std::chrono::milliseconds(kPlainInterval);
  if (!last && now - last_print_ < interval) return false;
  last_print_ = now;
  return true;
}

void RunLog::PrintLine(const std::string& text, bool last) {
  Print(terminal_ ? "\r\033[K" + text : text + "\n");
  line_open_ = terminal_;
  if (last) EndProgressLine();
}

void RunLog::Message(const std::string& text) {
  if (sink_ != nullptr) sink_->OnMessage(text);
  EndProgressLine();
  Print(text + "\n");
}

void RunLog::EndProgressLine() {
  if (line_open_) Print("\n");
  line_open_ = false;
}

}  // namespace m2tts
