// Writes the checkpoints of a run while its steps go on, and waits for room where the disk is full: what was
// learned is in memory alone.
#pragma once

#include <atomic>
#include <functional>
#include <future>
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
  // Where there was no room for the checkpoint before, as Write.
  Status WriteBehind(const Checkpoint& checkpoint, bool is_best, bool is_milestone);

  // Returns when it is written. RESOURCE_EXHAUSTED after half an hour without room, or when the run is to
  // stop.
  Status Write(const Checkpoint& checkpoint, bool is_best, bool is_milestone);

  // How WriteBehind ended, unless that has been told; waits for it.
  Status Finish() { return writing_.valid() ? writing_.get() : OkStatus(); }

  // As CheckpointFolder::LoadLatest, after Finish.
  StatusOr<std::optional<Checkpoint>> LoadLatest();

  // Waited for room so far.
  double waited_seconds() const { return waited_.count(); }

 private:
  Status WriteWhenThereIsRoom(const Checkpoint& checkpoint, bool is_best, bool is_milestone);

  const Options options_;
  CheckpointFolder folder_;
  LoopClock::Seconds waited_{};
  std::future<Status> writing_;  // last: its destructor waits, while the folder is there
};

}  // namespace m2tts
