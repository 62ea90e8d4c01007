// The class of a request: what goes before what on a busy device.
#pragma once

#include <cstdint>

namespace m2tts {

enum class Priority : uint8_t { kInteractive, kNormal, kBulk };

}  // namespace m2tts
