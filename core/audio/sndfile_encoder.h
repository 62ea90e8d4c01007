// FLAC, Ogg Opus, MP3, mu-law and A-law by libsndfile, into memory.
#pragma once

#include <memory>

#include "core/audio/codec.h"

namespace m2tts {

// Mono. The rate must be one that the encoding has.
//
// On Finish libFLAC goes back to the header to fill in the length, the frame sizes and the MD5
// sum. With `hold_all` every byte is kept until then, and the file is complete. Otherwise the
// header has left already; it keeps zeros there, which FLAC defines as "unknown" and every
// decoder accepts. The other encodings never go back: Opus has its end in the last page, and MP3
// is written into a pipe, which tells libsndfile to leave out the header that it would complete.
StatusOr<std::unique_ptr<AudioEncoder>> MakeSndfileEncoder(AudioEncoding encoding, int sample_rate,
                                                           bool hold_all);

}  // namespace m2tts
