// From a failed RPC to a Status that keeps what the server said in detail.
#pragma once

#include <grpcpp/support/status.h>

#include <optional>
#include <string>
#include <vector>

#include "core/base/status.h"

namespace m2tts {

// The google.rpc details that m2ttsd attaches to errors.
struct CallErrorDetails {
  struct FieldViolation {
    std::string field;
    std::string description;
  };
  std::vector<FieldViolation> field_violations;  // of INVALID_ARGUMENT
  std::optional<double> retry_delay_s;           // of RESOURCE_EXHAUSTED by load
  std::string request_id;                        // by which the daemon's log speaks of the call
};

// The same code and message; the details travel as a payload of the Status.
Status FromGrpcStatus(const grpc::Status& status);

// Empty for a Status that carries none, or carries bytes that do not parse.
CallErrorDetails DetailsOf(const Status& status);

}  // namespace m2tts
