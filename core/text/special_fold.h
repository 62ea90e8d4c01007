// The table of folding (fold.h): characters folded by hand. Pure function.
#pragma once

#include <cstdint>

namespace m2tts {

// Those without a compatibility decomposition to ASCII, and those where it would lose something, in
// the alphabet of fold.h. nullptr when the general path should decide.
const char* SpecialFold(int32_t c);

}  // namespace m2tts
