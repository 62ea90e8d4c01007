#include "server/synthesis/serving_pressure.h"

#include <algorithm>

#include "server/base/status_details.h"

namespace m2tts {
namespace {

constexpr double kPressureRetrySeconds = 10.0;  // heat takes its time
constexpr int kTightened = 4;                   // this part of the queue

Status Refuse(const char* what) {
  return WithRetryDelay(Errorf(StatusCode::kResourceExhausted,
                               "the machine is too hot or short of memory, and {}; retry in {:.0f} s", what,
                               kPressureRetrySeconds),
                        kPressureRetrySeconds);
}

}  // namespace

Status CheckPressure(ServingPressure pressure, Priority priority, int requests, int max_requests) {
  if (pressure >= ServingPressure::kRefuseNew) return Refuse("takes no new requests");
  if (pressure >= ServingPressure::kRefuseBulk && priority == Priority::kBulk) {
    return Refuse("takes no bulk requests");
  }
  if (pressure >= ServingPressure::kTightenAdmission && requests >= std::max(1, max_requests / kTightened)) {
    return Refuse("takes fewer requests at a time");
  }
  return OkStatus();
}

}  // namespace m2tts
