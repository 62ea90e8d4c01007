// How far the governor asks the serving side to hold back, for heat or lack of memory.
//
// Written by the governor, read by any thread. Streams in flight go on at every value.
#pragma once

#include <atomic>
#include <cstdint>

#include "core/base/status.h"
#include "server/synthesis/scheduler.h"

namespace m2tts {

// Each includes those before it.
enum class ServingPressure : uint8_t {
  kNone,
  kShrinkBatches,     // compute fewer sentences together
  kTightenAdmission,  // a quarter of the usual queue
  kRefuseBulk,        // refuse requests of the lowest priority
  kRefuseNew,         // refuse all new requests
};

using AtomicServingPressure = std::atomic<ServingPressure>;

// RESOURCE_EXHAUSTED with a retry delay when a new request must stay outside; `requests` of at most
// `max_requests` are inside.
Status CheckPressure(ServingPressure pressure, Priority priority, int requests, int max_requests);

}  // namespace m2tts
