// CRC-32C (Castagnoli; RFC 3720, appendix B.4), by a table of 256 entries: some 400 MB/s.
#pragma once

#include <cstdint>
#include <string_view>

namespace m2tts {

// `before`: the checksum of what stands before `bytes`.
uint32_t Crc32c(std::string_view bytes, uint32_t before = 0);

// As TFRecord and leveldb store it: rotated and shifted, since the checksum of bytes that hold their
// own checksum says little.
inline uint32_t MaskedCrc32c(std::string_view bytes) {
  const uint32_t crc = Crc32c(bytes);
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}

}  // namespace m2tts
