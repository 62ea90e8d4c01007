// What m2tts-trainer is told to do for a phase of a job, and the folders that it may touch meanwhile.
#pragma once

#include <string>

#include "core/base/status.h"
#include "server/jobs/job_folder.h"
#include "server/jobs/job_store.h"
#include "server/jobs/jobs_config.h"
#include "server/jobs/worker_process.h"

namespace m2tts {

// `phase` is one of PhasesOf() but "publish". Makes the folders into which the worker writes, and the job's
// config.yaml; errors are those of ResolveSpec and of files.
StatusOr<WorkerProcess::Options> WorkerCommand(const JobRecord& record, const std::string& phase,
                                               const JobsConfig& config, const JobEnvironment& environment);

}  // namespace m2tts
