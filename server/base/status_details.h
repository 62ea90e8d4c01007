// google.rpc details that travel with a Status as payloads; status_to_grpc puts them on the wire.
#pragma once

#include <optional>
#include <string>

#include "core/base/status.h"

namespace m2tts {

// INVALID_ARGUMENT about one field of a request ("controls.speed"), with a
// google.rpc.BadRequest detail. The message reads "field: what", with `what` as ErrorText leaves it.
Status FieldError(const std::string& field, const std::string& what);

template <typename... Args>
Status FieldErrorf(const std::string& field, fmt::format_string<Args...> format, Args&&... args) {
  return FieldError(field, fmt::format(format, std::forward<Args>(args)...));
}

// Adds a google.rpc.RetryInfo: the same request makes sense again after `seconds`.
Status WithRetryDelay(Status status, double seconds);
// What WithRetryDelay gave, in seconds.
std::optional<double> RetryDelayOf(const Status& status);

// Adds a google.rpc.RequestInfo to an error; an OK status passes unchanged.
Status WithRequestId(Status status, const std::string& request_id);

}  // namespace m2tts
