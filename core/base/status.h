// Status helpers: every fallible function of m2tts returns Status or StatusOr<T>.
//
// Exceptions are not used by our code; the one place that turns the exceptions of LibTorch
// and other libraries into a Status is core/device/guard.h.
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace m2tts {

using absl::OkStatus;
using absl::Status;
using absl::StatusCode;
using absl::StatusOr;

// Errorf(kInvalidArgument, "speed: {} is outside [0.25, 4]", v). A good message names the
// field, file, line or byte, says what was wrong there, and what to do about it.
template <typename... Args>
Status Errorf(StatusCode code, fmt::format_string<Args...> format, Args&&... args) {
  return Status(code, fmt::format(format, std::forward<Args>(args)...));
}

template <typename... Args>
Status InvalidArgument(fmt::format_string<Args...> format, Args&&... args) {
  return Errorf(StatusCode::kInvalidArgument, format, std::forward<Args>(args)...);
}

template <typename... Args>
Status NotFound(fmt::format_string<Args...> format, Args&&... args) {
  return Errorf(StatusCode::kNotFound, format, std::forward<Args>(args)...);
}

// For data that is damaged or of a wrong format: a corrupt voice, a truncated WAV.
template <typename... Args>
Status DataLoss(fmt::format_string<Args...> format, Args&&... args) {
  return Errorf(StatusCode::kDataLoss, format, std::forward<Args>(args)...);
}

template <typename... Args>
Status Internal(fmt::format_string<Args...> format, Args&&... args) {
  return Errorf(StatusCode::kInternal, format, std::forward<Args>(args)...);
}

// Puts "where: " before the message of an error; an OK status passes unchanged.
inline Status Annotate(const Status& status, const std::string& where) {
  if (status.ok()) return status;
  return Status(status.code(), fmt::format("{}: {}", where, std::string(status.message())));
}

}  // namespace m2tts

#define M2TTS_CONCAT_INNER(a, b) a##b
#define M2TTS_CONCAT(a, b) M2TTS_CONCAT_INNER(a, b)

#define M2TTS_RETURN_IF_ERROR(expr)                        \
  do {                                                     \
    if (::m2tts::Status _status = (expr); !_status.ok()) { \
      return _status;                                      \
    }                                                      \
  } while (false)

#define M2TTS_ASSIGN_OR_RETURN(lhs, expr) \
  M2TTS_ASSIGN_OR_RETURN_IMPL(M2TTS_CONCAT(_status_or_, __LINE__), lhs, expr)
// `lhs` may declare a variable, so it stands without parentheses. NOLINTBEGIN(bugprone-macro-parentheses)
#define M2TTS_ASSIGN_OR_RETURN_IMPL(tmp, lhs, expr) \
  auto tmp = (expr);                                \
  if (!tmp.ok()) return tmp.status();               \
  lhs = std::move(tmp).value()
// NOLINTEND(bugprone-macro-parentheses)
