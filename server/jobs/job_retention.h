// What is kept of jobs that have ended. Two ages count, both from a job's end:
//
//   jobs.keep_days    its files go, and of what WatchJob replays all but its changes of state; those of one
//                     that another job waits for, which may need its voice, stay until then
//   jobs.forget_days  the job itself goes, as by DeleteJob; one that has published a voice stays, as where
//                     the voice comes from, and one that another job waits for stays until then
//
// Works in small parts, so that neither a request nor a job that runs waits for it. Used by the supervisor's
// thread alone.
#pragma once

#include <optional>

#include "server/jobs/job_board.h"
#include "server/jobs/job_folder.h"
#include "server/jobs/jobs_config.h"

namespace m2tts {

class JobRetention {
 public:
  // `board` must outlive it.
  JobRetention(const JobsConfig& config, JobEnvironment environment, JobBoard* board);

  // So many jobs of each kind make a part while none runs.
  static constexpr int kJobsOfStep = 50;

  // Does a part of what is due: of `jobs` jobs at most. True when more is left; false when all is done, until
  // jobs grow older.
  bool Step(int jobs = kJobsOfStep);

 private:
  bool DropFiles(int limit);
  bool Forget(int limit);
  bool MayForget(const EndedJob& job) const;

  const int keep_days_;
  const int forget_days_;
  const JobEnvironment environment_;
  JobBoard* const board_;
  EndedJob dropped_;                 // up to here files and events are gone
  std::optional<EndedJob> awaited_;  // the next round goes on here, with one that had to stay
  EndedJob forgotten_;               // up to here this round has come
};

}  // namespace m2tts
