// Writes the checkpoints of a run while its steps go on, and waits for room where the disk is full: what was
// learned is in memory alone.
#pragma once

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "trainer/loop/checkpoint.h"
#include "trainer/loop/loop_clock.h"

namespace m2tts {

// One thread at a time.
class CheckpointWriter {
 public:
  struct Options {
    std::filesystem::path folder;
    int keep = 2;                                  // as CheckpointFolder
    const std::atomic<bool>* stop = nullptr;       // ends the waiting for room; may be null
    std::function<void(const std::string&)> tell;  // a line for people
    LoopClock clock;
  };
  explicit CheckpointWriter(Options options)
      : options_(std::move(options)), folder_(options_.folder, options_.keep) {}

  // On a thread of its own, from a copy: a disk takes many steps for it. An error comes out of the next call.
  // Where there was no room for the checkpoint before, as Write; if that is still the best, or a milestone,
  // it is written after this one.
  Status WriteBehind(const Checkpoint& checkpoint, bool is_best, bool is_milestone);

  // Returns when it is written. RESOURCE_EXHAUSTED after half an hour without room, or when the run is to
  // stop.
  Status Write(const Checkpoint& checkpoint, bool is_best, bool is_milestone);

  // A state that lies apart (CheckpointFolder), after what is still to be written; as Write.
  Status WriteAside(const Checkpoint& checkpoint);
  void DropAside() { folder_.DropAside(); }

  // How WriteBehind ended, unless that has been told; waits for it.
  Status Finish();

  // As CheckpointFolder::Resume, after what is still to be written.
  StatusOr<std::optional<Checkpoint>> Resume();

  // Waited for room so far.
  double waited_seconds() const { return waited_.count(); }

 private:
  // A checkpoint that there was no room for.
  struct File {
    int64_t step = 0;
    std::string bytes;
    bool is_best = false;
    bool is_milestone = false;
    bool aside = false;
  };

  Status Save(const File& file) {
    if (file.aside) return folder_.WriteAside(file.bytes);
    return folder_.Write(file.step, file.bytes, file.is_best, file.is_milestone);
  }
  // As Finish, but a lack of room is no error: the file is kept in `unsaved_`.
  Status FinishOrKeep();
  Status SaveWhenThereIsRoom(const File& file);
  // What has failed for lack of room, if anything.
  Status SaveUnsaved();

  const Options options_;
  CheckpointFolder folder_;
  std::unique_ptr<File> being_written_;
  std::unique_ptr<File> unsaved_;
  LoopClock::Seconds waited_{};
  std::future<Status> writing_;  // last: its destructor waits, while the folder is there
};

}  // namespace m2tts
