#include "server/voices/lexicon_file.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "core/base/file.h"

namespace m2tts {
namespace {

constexpr std::chrono::seconds kLookAtLexicon(1);
constexpr size_t kMaxLexiconFileBytes = size_t{16} << 20;

}  // namespace

LexiconFile::LexiconFile(std::filesystem::path path, Presence presence, Clock now)
    : path_(std::move(path)), presence_(presence), now_(std::move(now)) {}

bool LexiconFile::Same(const std::optional<Stamp>& a, const std::optional<Stamp>& b) {
  if (a.has_value() != b.has_value()) return false;
  return !a.has_value() || (a->time == b->time && a->size == b->size);
}

std::optional<LexiconFile::Stamp> LexiconFile::Look() const {
  std::error_code error;
  Stamp stamp;
  stamp.time = std::filesystem::last_write_time(path_, error);
  if (error) return std::nullopt;
  stamp.size = std::filesystem::file_size(path_, error);
  if (error) return std::nullopt;
  return stamp;
}

Status LexiconFile::Load() {
  const std::optional<Stamp> stamp = Look();
  {
    MutexLock lock(&mutex_);
    stamp_ = stamp;
    next_look_ = now_() + kLookAtLexicon;
  }
  return Read(stamp);
}

std::shared_ptr<const UserLexicon> LexiconFile::Current() {
  {
    MutexLock lock(&mutex_);
    const auto now = now_();
    if (now < next_look_) return current_;
    next_look_ = now + kLookAtLexicon;
  }
  const std::optional<Stamp> stamp = Look();
  bool changed = false;
  {
    MutexLock lock(&mutex_);
    changed = !Same(stamp, stamp_);
    stamp_ = stamp;
  }
  if (changed) {
    if (const Status status = Read(stamp); status.ok()) {
      spdlog::info("read {} again", path_.string());
    } else {
      spdlog::error("{}; the words read before stay in use", std::string(status.message()));
    }
  }
  MutexLock lock(&mutex_);
  return current_;
}

StatusOr<bool> LexiconFile::Refresh() {
  const std::optional<Stamp> stamp = Look();
  {
    MutexLock lock(&mutex_);
    if (Same(stamp, stamp_)) {
      M2TTS_RETURN_IF_ERROR(last_read_);
      return false;
    }
  }
  M2TTS_RETURN_IF_ERROR(Load());
  return true;
}

Status LexiconFile::Read(const std::optional<Stamp>& stamp) {
  std::shared_ptr<const UserLexicon> lexicon;
  Status status;
  if (stamp.has_value() || presence_ == Presence::kRequired) {
    StatusOr<std::string> text = ReadFile(path_, kMaxLexiconFileBytes);
    status = text.status();
    if (text.ok()) {
      auto parsed = UserLexicon::Parse(*text, path_.string());
      status = parsed.status();
      if (parsed.ok()) lexicon = *std::move(parsed);
    }
  }
  MutexLock lock(&mutex_);
  last_read_ = status;
  if (status.ok()) {
    current_ = std::move(lexicon);
  } else {
    ++failures_;
  }
  return status;
}

int LexiconFile::failures() const {
  MutexLock lock(&mutex_);
  return failures_;
}

}  // namespace m2tts
