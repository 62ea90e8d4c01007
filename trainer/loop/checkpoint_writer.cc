#include "trainer/loop/checkpoint_writer.h"

#include <utility>

namespace m2tts {
namespace {

constexpr LoopClock::Seconds kDiskRetry = std::chrono::seconds(10);
constexpr LoopClock::Seconds kMaxDiskWait = std::chrono::minutes(30);

}  // namespace

Status CheckpointWriter::Finish() {
  if (!writing_.valid()) return OkStatus();
  Status status = writing_.get();
  if (status.code() == StatusCode::kResourceExhausted) unsaved_ = std::move(being_written_);
  being_written_ = nullptr;
  return status;
}

Status CheckpointWriter::FinishOrKeep() {
  const Status status = Finish();
  return status.code() == StatusCode::kResourceExhausted ? OkStatus() : status;
}

Status CheckpointWriter::WriteBehind(const Checkpoint& checkpoint, bool is_best, bool is_milestone) {
  M2TTS_RETURN_IF_ERROR(FinishOrKeep());
  if (unsaved_ != nullptr) return Write(checkpoint, is_best, is_milestone);
  M2TTS_ASSIGN_OR_RETURN(std::string bytes, SerializeCheckpoint(checkpoint, is_best, is_milestone));
  being_written_ =
      std::make_unique<File>(File{checkpoint.step, std::move(bytes), is_best, is_milestone, false});
  writing_ = std::async(std::launch::async, [this, file = being_written_.get()] { return Save(*file); });
  return OkStatus();
}

Status CheckpointWriter::Write(const Checkpoint& checkpoint, bool is_best, bool is_milestone) {
  M2TTS_RETURN_IF_ERROR(FinishOrKeep());
  M2TTS_ASSIGN_OR_RETURN(std::string bytes, SerializeCheckpoint(checkpoint, is_best, is_milestone));
  // The newest first: it is what the run goes on from.
  M2TTS_RETURN_IF_ERROR(
      SaveWhenThereIsRoom({checkpoint.step, std::move(bytes), is_best, is_milestone, false}));
  if (unsaved_ == nullptr) return OkStatus();
  unsaved_->is_best = unsaved_->is_best && !is_best;
  if (!unsaved_->is_best && !unsaved_->is_milestone) unsaved_ = nullptr;
  return SaveUnsaved();
}

Status CheckpointWriter::WriteAside(const Checkpoint& checkpoint) {
  M2TTS_RETURN_IF_ERROR(FinishOrKeep());
  M2TTS_RETURN_IF_ERROR(SaveUnsaved());
  M2TTS_ASSIGN_OR_RETURN(std::string bytes, SerializeCheckpoint(checkpoint));
  return SaveWhenThereIsRoom({checkpoint.step, std::move(bytes), false, false, /*aside=*/true});
}

StatusOr<std::optional<Checkpoint>> CheckpointWriter::Resume() {
  M2TTS_RETURN_IF_ERROR(FinishOrKeep());
  M2TTS_RETURN_IF_ERROR(SaveUnsaved());
  std::vector<std::string> messages;
  auto found = folder_.Resume(&messages);
  for (const std::string& message : messages) options_.tell(message);
  return found;
}

Status CheckpointWriter::SaveUnsaved() {
  if (unsaved_ == nullptr) return OkStatus();
  M2TTS_RETURN_IF_ERROR(SaveWhenThereIsRoom(*unsaved_));
  unsaved_ = nullptr;
  return OkStatus();
}

Status CheckpointWriter::SaveWhenThereIsRoom(const File& file) {
  const auto since = options_.clock.now();
  for (bool told = false;; told = true) {
    Status saved = Save(file);
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
