// The sections `jobs` and `governor` of m2ttsd.yaml; configs/m2ttsd.yaml explains every key.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/strict_yaml.h"
#include "core/device/levels.h"

namespace m2tts {

struct JobsConfig {
  std::vector<std::filesystem::path> data_roots;  // folders that jobs may read; none: no jobs
  std::filesystem::path trainer;                  // empty: the one beside m2ttsd
  std::string sandbox = "auto";                   // of workers: on, off; auto: what the kernel has
  int max_running = 1;                            // 0: jobs wait
  int64_t memory_limit_mb = 0;                    // of a worker; 0 = none
  int64_t min_free_mb = 512;                      // on the disk of state_dir, or jobs wait
  double heartbeat_seconds = 60.0;                // of silence, or of talk without end: the worker is killed
  double stop_seconds = 30.0;                     // that a worker gets for its last checkpoint
  double release_seconds = 60.0;                  // of a pause, after which the worker ends; memory is free
  double max_arrival_probability = 1.0;           // of a request within a micro-step, beyond which it waits
  double max_step_ms = 50.0;                      // of a micro-step on a GPU; 0 = no limit
  int keep_days = 30;                             // files of jobs that have ended; 0 = for good
  int forget_days = 365;                          // jobs that have ended; 0 = never
  int max_unfinished = 1000;                      // jobs that have not ended

  // `base`: relative paths are relative to it.
  static StatusOr<JobsConfig> Read(StrictYaml yaml, const std::filesystem::path& base);
};

// What the governor can do about heat and memory, from the mildest on.
enum class GovernorAction {
  kNoLeases,          // jobs pause
  kClearCaches,       // of the device
  kShrinkBatches,     // fewer sentences computed together
  kTightenAdmission,  // a quarter of the queue
  kRefuseBulk,        // requests of the lowest priority
  kRefuseNew,         // all new requests
};
inline constexpr int kGovernorActions = 6;

// "no_leases".
const char* GovernorActionName(GovernorAction action);

struct GovernorConfig {
  bool enabled = true;
  std::filesystem::path sensors;  // a file in place of the machine's sensors
  double sample_seconds = 1.0;
  double recovery_seconds = 5.0;  // between two actions that are taken back
  LevelOptions levels;
  // Actions taken at each level, of kGovernorActions in their order: the first `n`.
  std::array<int, 4> actions = {0, 0, 2, 6};  // nominal, fair, serious, critical

  static StatusOr<GovernorConfig> Read(StrictYaml yaml, const std::filesystem::path& base);
};

}  // namespace m2tts
