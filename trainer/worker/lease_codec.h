// The messages of proto/m2tts/worker/v1/lease.proto without protobuf, which the trainer must not need.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/status.h"
#include "trainer/loop/step_gate.h"

namespace m2tts {

inline constexpr int64_t kLeaseProtocol = 1;

std::string EncodeHello(int64_t pid);
std::string EncodeLeaseRequest(int64_t number, double expected_seconds);
// `resident_bytes` and `celsius`: 0 = unknown.
std::string EncodeProgress(const RunSink::Progress& progress, int64_t resident_bytes, double celsius,
                           double device_share);
std::string EncodeEvent(const std::string& text, const std::string& sample);
std::string EncodeHeartbeat();
std::string EncodeDone(const Status& status);

struct DaemonMessage {
  enum class Kind { kOther, kWelcome, kLeaseGrant, kHold, kStop };  // kOther: of a later version
  Kind kind = Kind::kOther;
  int64_t number = 0;             // kWelcome: the protocol; kLeaseGrant: of the request
  double max_step_seconds = 0.0;  // kWelcome; 0 = no limit
  std::string reason;             // kHold, kStop
};

// DATA_LOSS for bytes that are no message. Unknown fields are passed over.
StatusOr<DaemonMessage> DecodeDaemonMessage(std::string_view bytes);

}  // namespace m2tts
