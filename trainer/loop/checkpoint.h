// Checkpoints of a stage: RUN/STAGE/step-00001234.safetensors, written atomically; the last N,
// the best and the milestones are kept. A damaged one is passed over with a message, and where the run goes
// on it becomes NAME.damaged, so that it takes no place among the last N.
//
// A state among steps without a finite loss lies apart, in aside.safetensors: a run goes on from it, and
// never returns to it.
//
// A file holds the CRC-32C of itself, as eight hexadecimal digits in its metadata that count as zeros: one
// bit that a disk has turned is noticed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "core/voice/safetensors.h"

namespace m2tts {

struct Checkpoint {
  int64_t step = 0;   // optimizer steps done
  double best = 0.0;  // best validation metric so far
  bool has_best = false;
  bool is_best = false;       // of a file: as it was written
  bool is_milestone = false;  // likewise
  int parts = 1;              // in which a batch is computed, for lack of memory
  std::string piece_plan;     // of PiecePlan, where the time of pieces is limited
  double rate_scale = 1.0;    // of the learning rate, lowered after steps without a finite loss
  int bad_steps = 0;          // before it in a row, without a finite loss: then it is one that lies apart
  std::string config;         // YAML that the run was started with
  TensorMap state;
};

// The bytes of a checkpoint file, still without checksum, and back. DATA_LOSS names what is wrong with the
// file; one that says zeros for its checksum, or nothing, as those of earlier versions, is not compared.
StatusOr<std::string> SerializeCheckpoint(const Checkpoint& checkpoint, bool is_best = false,
                                          bool is_milestone = false);
StatusOr<Checkpoint> ReadCheckpoint(const std::filesystem::path& path);

class CheckpointFolder {
 public:
  CheckpointFolder(std::filesystem::path folder, int keep) : folder_(std::move(folder)), keep_(keep) {}

  // Whether a run has left a checkpoint here, good or damaged.
  bool Begun() const;

  // Writes a checkpoint and deletes those before the last `keep`. `is_best` makes it
  // best.safetensors too, `is_milestone` milestone-00001234.safetensors, which is kept for good.
  Status Save(const Checkpoint& checkpoint, bool is_best, bool is_milestone = false);
  // The same, of bytes by SerializeCheckpoint, which get their checksum here.
  Status Write(int64_t step, std::string bytes, bool is_best, bool is_milestone);
  // A state that lies apart, until the next that does not, or DropAside.
  Status WriteAside(std::string bytes);
  void DropAside();

  // The newest that reads well, milestones included, and the best when nothing else does; nullopt when there
  // is none. Each damaged one adds a line to `messages`. DATA_LOSS when all are damaged. One that cannot be
  // read for another reason, such as missing rights or open files, is that error: it may be all right.
  StatusOr<std::optional<Checkpoint>> LoadLatest(std::vector<std::string>* messages) const;

  // The same, or what lies apart if that is newer, by the run that owns the folder: renames the damaged ones
  // that it passes over on the way to a good one, deletes what a write that was killed has left, and gives
  // the newest the other names that such a write had no time for.
  StatusOr<std::optional<Checkpoint>> Resume(std::vector<std::string>* messages);

  // best.safetensors; the newest when there is no such file.
  StatusOr<Checkpoint> LoadBest(std::vector<std::string>* messages) const;

 private:
  // LoadLatest; `damaged`: which files were.
  StatusOr<std::optional<Checkpoint>> Load(std::vector<std::string>* messages,
                                           std::vector<std::filesystem::path>* damaged) const;
  // The other names of the checkpoint of a step. bytes: for file systems without links.
  Status GiveNames(int64_t step, bool is_best, bool is_milestone, const std::string& bytes);
  Status RepairNames(const Checkpoint& latest);
  // Files whose names start with `prefix`, newest first.
  std::vector<std::filesystem::path> Files(const std::string& prefix) const;
  std::vector<std::filesystem::path> Newest() const;
  // All names in the folder; none where there is no folder.
  std::vector<std::string> Names() const;

  const std::filesystem::path folder_;
  const int keep_;
};

}  // namespace m2tts
