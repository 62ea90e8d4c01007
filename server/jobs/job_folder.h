// Where things of jobs lie.
//
//   STATE_DIR/jobs.sqlite                 the store
//   STATE_DIR/jobs/ID/config.yaml         what the worker reads
//                     run/                checkpoints, log.jsonl, samples (docs/training.md)
//                     voice/NAME/         the voice that was made
//                     check.json, evaluation.json
//                     worker.log          what the workers said
//                     .tmp/               their temporary files
//   STATE_DIR/features/                   features of corpora, for all jobs
//   STATE_DIR/voices/NAME/N/              published versions
#pragma once

#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

namespace m2tts {

inline std::filesystem::path StoreOfJobs(const std::filesystem::path& state_dir) {
  return state_dir / "jobs.sqlite";
}

struct JobEnvironment {
  std::filesystem::path state_dir;
  std::filesystem::path voices;                   // folder of the daemon's voices
  std::filesystem::path trainer;                  // m2tts-trainer
  std::vector<std::filesystem::path> data_roots;  // what jobs may read

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
  // Whether a published voice may have that name: what lies in the folder of voices and is no voice, as the
  // file DEFAULT, stays.
  bool MayPublishAs(const std::string& name) const {
    std::error_code error;
    const std::filesystem::path live = voices / name;
    return !std::filesystem::exists(std::filesystem::symlink_status(live, error)) ||
           std::filesystem::exists(live / "voice.json", error);
  }
};

}  // namespace m2tts
