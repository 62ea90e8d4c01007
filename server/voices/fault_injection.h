// Faults on purpose, for tests of a whole daemon.
//
// $M2TTS_FAULT_INJECTION, read here and nowhere else, is empty or
//   device_oom:N   every N-th batch of windows throws what an allocator throws when the
//                  device is out of memory
#pragma once

#include <memory>

#include "core/base/status.h"

namespace m2tts {

class Synthesizer;

// Wraps `synthesizer` as the environment says; unchanged when it says nothing.
// INVALID_ARGUMENT for words it does not know.
StatusOr<std::shared_ptr<Synthesizer>> InjectFaults(std::shared_ptr<Synthesizer> synthesizer);

}  // namespace m2tts
