// Checkpoints of a stage: RUN/STAGE/step-00001234.safetensors, written atomically; the
// last N and the best are kept, a damaged one is passed over with a message.
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
  std::string config;  // YAML that the run was started with
  TensorMap state;
};

class CheckpointFolder {
 public:
  CheckpointFolder(std::filesystem::path folder, int keep) : folder_(std::move(folder)), keep_(keep) {}

  // Writes a checkpoint and deletes those before the last `keep`. `is_best` writes best.safetensors too.
  Status Save(const Checkpoint& checkpoint, bool is_best);

  // The newest that reads well; nullopt when there is none. Each damaged one adds a line to `messages`.
  StatusOr<std::optional<Checkpoint>> LoadLatest(std::vector<std::string>* messages) const;

  // best.safetensors, or the newest.
  StatusOr<Checkpoint> LoadBest() const;

 private:
  StatusOr<Checkpoint> Load(const std::filesystem::path& path) const;
  std::vector<std::filesystem::path> Steps() const;  // newest first

  const std::filesystem::path folder_;
  const int keep_;
};

}  // namespace m2tts
