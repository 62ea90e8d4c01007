// How far the governor asks the serving side to hold back, for heat or lack of memory.
//
// Written by the governor, read by any thread. Streams in flight go on at every value.
#pragma once

#include <atomic>
#include <cstdint>

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

}  // namespace m2tts
