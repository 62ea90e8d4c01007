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

// Gathers what is wrong with several fields of a request, so that a client mends all at once. 32 are kept,
// and a word that there are more.
class FieldViolations {
 public:
  // An error of FieldError counts, and of several fields each; any other is kept, the first before all
  // violations. Returns whether `status` is OK.
  bool Add(const Status& status);
  // OK, or one INVALID_ARGUMENT with all of them, its message naming each. Long descriptions are cut so that
  // gRPC's trailers hold them (error_text.h).
  Status status() const;

 private:
  struct Violation {
    std::string field;
    std::string description;
  };
  // Bytes of a description, at most, with which all take `total` together.
  size_t Share(size_t total) const;

  Status other_;
  std::vector<Violation> violations_;
};

// Adds a google.rpc.RetryInfo: the same request makes sense again after `seconds`.
Status WithRetryDelay(Status status, double seconds);
// What WithRetryDelay gave, in seconds.
std::optional<double> RetryDelayOf(const Status& status);

// Adds a google.rpc.RequestInfo to an error; an OK status passes unchanged.
Status WithRequestId(Status status, const std::string& request_id);

}  // namespace m2tts
