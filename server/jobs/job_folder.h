// Where things of jobs lie.
//
//   STATE_DIR/jobs.sqlite                 the store
//   STATE_DIR/jobs/ID/config.yaml         what the worker reads
//                     run/                checkpoints, log.jsonl, samples, report.html (docs/training.md)
//                     voice/NAME/         the voice that was made
//                     check.json, evaluation.json
//                     worker.log          what the workers said
//                     .tmp/               their temporary files
//   STATE_DIR/features/                   features of corpora, for all jobs
//   STATE_DIR/voices/NAME/N/              published versions
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/status.h"

namespace m2tts {

inline std::filesystem::path StoreOfJobs(const std::filesystem::path& state_dir) {
  return state_dir / "jobs.sqlite";
}

struct JobEnvironment {
  std::filesystem::path state_dir;
  std::filesystem::path voices;                   // folder of the daemon's voices
  std::filesystem::path trainer;                  // m2tts-trainer
  std::vector<std::filesystem::path> data_roots;  // what jobs may read
  // With which m2tts-trainer counts word errors.
  std::string recognizer = "pocketsphinx_continuous";

  std::filesystem::path store() const { return StoreOfJobs(state_dir); }
  std::filesystem::path features() const { return state_dir / "features"; }
  std::filesystem::path versions(const std::string& voice) const { return state_dir / "voices" / voice; }
  std::filesystem::path job(const std::string& id) const { return state_dir / "jobs" / id; }
  std::filesystem::path config(const std::string& id) const { return job(id) / "config.yaml"; }
  std::filesystem::path run(const std::string& id) const { return job(id) / "run"; }
  std::filesystem::path temporary(const std::string& id) const { return job(id) / ".tmp"; }
  std::filesystem::path voice(const std::string& id, const std::string& name) const {
    return job(id) / "voice" / name;
  }
  // Takes a job's folder away at once, so that another job may have its id, and then deletes it; what a kill
  // leaves of that, and what an earlier job has left, goes with RemoveLeftovers.
  void RemoveJob(const std::string& id) const;
  void RemoveLeftovers() const;
  // INVALID_ARGUMENT when the folder of voices lies in that of published versions: a voice would contain its
  // own versions, and replacing it would delete them.
  Status CheckFolders() const;
  // FAILED_PRECONDITION when no voice can be put into the folder of voices.
  Status CanPublish() const;
  // FAILED_PRECONDITION when word errors cannot be counted here.
  Status CanRecognize() const;
  // Whether a published voice may have that name: what lies in the folder of voices and is no voice, as the
  // file DEFAULT, stays.
  bool MayPublishAs(const std::string& name) const;
  // RESOURCE_EXHAUSTED while the disk of state_dir has less room, MB.
  Status HasRoom(int64_t min_free_mb) const;
};

}  // namespace m2tts
