// Faults on purpose, for tests of a whole daemon.
//
// $M2TTS_FAULT_INJECTION, read here and nowhere else, is empty or one of
//   device_oom:N             every N-th batch of windows throws what an allocator throws when the
//                            device is out of memory
//   device_error:FROM-TO     the batches FROM to TO throw what LibTorch throws when the device fails
//   device_nan:FROM-TO       the batches FROM to TO compute NaN
//   device_stall:N-SECONDS   the device does not answer for so long in batch N
// Batches are counted from 1 since the start of the process, over all voices, those of the warm-up included.
#pragma once

#include <memory>
#include <string_view>

#include "core/base/status.h"

namespace m2tts {

class Synthesizer;

struct Fault {
  enum class Kind : uint8_t { kNone, kOutOfMemory, kError, kNan, kStall };
  Kind kind = Kind::kNone;
  int64_t first = 0;   // N or FROM
  int64_t second = 0;  // TO or SECONDS
};

// INVALID_ARGUMENT for words it does not know, and numbers that make no sense.
StatusOr<Fault> ParseFault(std::string_view text);

// Wraps `synthesizer` as the environment says; unchanged when it says nothing. Errors as ParseFault.
StatusOr<std::shared_ptr<Synthesizer>> InjectFaults(std::shared_ptr<Synthesizer> synthesizer);

}  // namespace m2tts
