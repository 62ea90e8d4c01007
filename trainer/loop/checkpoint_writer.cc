#include "trainer/loop/checkpoint_writer.h"

#include <utility>

namespace m2tts {
namespace {

constexpr LoopClock::Seconds kDiskRetry = std::chrono::seconds(10);
constexpr LoopClock::Seconds kMaxDiskWait = std::chrono::minutes(30);

}  // namespace

Status CheckpointWriter::WriteBehind(const Checkpoint& checkpoint, bool is_best, bool is_milestone) {
  const Status before = Finish();
  if (before.code() == StatusCode::kResourceExhausted) {
    return WriteWhenThereIsRoom(checkpoint, is_best, is_milestone);
  }
  M2TTS_RETURN_IF_ERROR(before);
  M2TTS_ASSIGN_OR_RETURN(std::string bytes, SerializeCheckpoint(checkpoint));
  writing_ = std::async(std::launch::async, [this, content = std::move(bytes), step = checkpoint.step,
                                             is_best, is_milestone]() mutable {
    return folder_.Write(step, std::move(content), is_best, is_milestone);
  });
  return OkStatus();
}

Status CheckpointWriter::Write(const Checkpoint& checkpoint, bool is_best, bool is_milestone) {
  const Status before = Finish();
  if (before.code() != StatusCode::kResourceExhausted) M2TTS_RETURN_IF_ERROR(before);
  return WriteWhenThereIsRoom(checkpoint, is_best, is_milestone);
}

StatusOr<std::optional<Checkpoint>> CheckpointWriter::LoadLatest() {
  M2TTS_RETURN_IF_ERROR(Finish());
  std::vector<std::string> messages;
  auto found = folder_.LoadLatest(&messages);
  for (const std::string& message : messages) options_.tell(message);
  return found;
}

Status CheckpointWriter::WriteWhenThereIsRoom(const Checkpoint& checkpoint, bool is_best, bool is_milestone) {
  const auto since = options_.clock.now();
  for (bool told = false;; told = true) {
    const Status saved = folder_.Save(checkpoint, is_best, is_milestone);
    if (saved.code() != StatusCode::kResourceExhausted) return saved;
    const bool stops = options_.stop != nullptr && options_.stop->load();
    if (stops || options_.clock.now() - since >= kMaxDiskWait) return saved;
    if (!told)
      options_.tell(fmt::format("{}; make room, the run waits for it", std::string(saved.message())));
    options_.clock.sleep(kDiskRetry);
    waited_ += kDiskRetry;
  }
}

}  // namespace m2tts
