// The one place where a Status becomes a grpc::Status.
#pragma once

#include <grpcpp/support/status.h>

#include "core/base/status.h"

namespace m2tts {

// Codes are equal by number. Payloads (see status_details.h) become the details of a
// google.rpc.Status in the trailing metadata "grpc-status-details-bin".
grpc::Status ToGrpcStatus(const Status& status);

// "INVALID_ARGUMENT": label of metrics and logs.
std::string StatusCodeName(grpc::StatusCode code);

}  // namespace m2tts
