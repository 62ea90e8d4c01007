// What the operating system says about this process.
#pragma once

#include <cstdint>
#include <optional>

namespace m2tts {

// Bytes of memory in RAM; nullopt where the system does not tell.
std::optional<int64_t> ResidentBytes();

}  // namespace m2tts
