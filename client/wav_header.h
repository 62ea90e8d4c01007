// The sizes in a WAV header, which a stream cannot know at its beginning.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/status.h"

namespace m2tts {

// Where a RIFF/WAVE file keeps its lengths.
struct WavSizes {
  size_t data_size_offset;  // of the 32-bit length of the data chunk; samples follow it
  uint32_t riff_size;       // correct values for the file, at 4 and at data_size_offset
  uint32_t data_size;
};

// A server's WAV header is 44 bytes; extra chunks before the data are accepted up to here.
inline constexpr size_t kMaxWavHeaderBytes = 4096;

// Correct sizes for a WAV file of `file_bytes` bytes that begins with `head`. DATA_LOSS when `head`
// is no WAV header; OUT_OF_RANGE when the file is too long for 32-bit sizes.
StatusOr<WavSizes> ExactWavSizes(std::string_view head, uint64_t file_bytes);

// Little-endian bytes.
std::string LittleEndian32(uint32_t value);

}  // namespace m2tts
