// FLAC encoding by libsndfile, into memory.
#pragma once

#include <memory>

#include "core/audio/codec.h"

namespace m2tts {

// Mono, 16 bits. On Finish libFLAC goes back to the header to fill in the length, the frame
// sizes and the MD5 sum. With `hold_all` every byte is kept until then, and the file is
// complete. Otherwise the header has left already; it keeps zeros there, which FLAC defines as
// "unknown" and every decoder accepts.
StatusOr<std::unique_ptr<AudioEncoder>> MakeFlacEncoder(int sample_rate, bool hold_all);

}  // namespace m2tts
