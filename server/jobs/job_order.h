// Which jobs a job waits for: the one that `after` names, and the one whose voice it starts from.
#pragma once

#include <string>
#include <vector>

#include "m2tts/v1/training.pb.h"
#include "server/jobs/job_board.h"
#include "server/jobs/job_folder.h"
#include "server/jobs/job_store.h"

namespace m2tts {

// Ids, each once.
std::vector<std::string> PredecessorsOf(const v1::JobSpec& spec);

// Whether `record` waits for job `id`: one that has begun waits for nobody.
bool WaitsFor(const JobRecord& record, const std::string& id);

struct JobTurn {
  bool come = true;      // nothing that went before is missing
  std::string hopeless;  // why it never will; empty: it may
};

// Whether it is the turn of `record`, by what became of its predecessors. A voice that is there serves a job
// that starts from it, however its maker ended.
JobTurn TurnOf(const JobRecord& record, JobBoard* board, const JobEnvironment& environment);

}  // namespace m2tts
