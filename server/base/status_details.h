// google.rpc details that travel with a Status as payloads; status_to_grpc puts them on the wire.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/status.h"

namespace m2tts {

// INVALID_ARGUMENT about one field of a request ("controls.speed"), with a
// google.rpc.BadRequest detail. The message reads "field: what", with `what` as ErrorText leaves it.
Status FieldError(const std::string& field, const std::string& what);

template <typename... Args>
Status FieldErrorf(const std::string& field, fmt::format_string<Args...> format, Args&&... args) {
  return FieldError(field, fmt::format(format, std::forward<Args>(args)...));
}

// Gathers what is wrong with several fields of a request, so that a client mends all at once.
class FieldViolations {
 public:
  // An error of FieldError counts, whatever it names; any other is kept, the first before all violations.
  // Returns whether `status` is OK.
  bool Add(const Status& status);
  // OK, or one INVALID_ARGUMENT with all of them, its message naming each.
  Status status() const;

 private:
  Status other_;
  std::vector<Status> violations_;
};

// Adds a google.rpc.RetryInfo: the same request makes sense again after `seconds`.
Status WithRetryDelay(Status status, double seconds);
// What WithRetryDelay gave, in seconds.
std::optional<double> RetryDelayOf(const Status& status);

// Adds a google.rpc.RequestInfo to an error; an OK status passes unchanged.
Status WithRequestId(Status status, const std::string& request_id);

}  // namespace m2tts
