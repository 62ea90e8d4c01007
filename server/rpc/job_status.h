// What GetStatus says about jobs and governor.
#pragma once

#include "m2tts/v1/admin.pb.h"
#include "server/rpc/server_context.h"

namespace m2tts {

// Leaves out what the daemon does not have.
void FillJobStatus(const ServerContext& context, v1::ServerStatus* status);

}  // namespace m2tts
