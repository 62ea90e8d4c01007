#include "client/wav_header.h"

#include <limits>

namespace m2tts {
namespace {

uint32_t Read32(std::string_view bytes, size_t offset) {
  uint32_t value = 0;
  for (int i = 3; i >= 0; --i) value = value << 8 | static_cast<uint8_t>(bytes[offset + i]);
  return value;
}

}  // namespace

std::string LittleEndian32(uint32_t value) {
  std::string bytes;
  for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<char>(value >> 8 * i & 0xFF));
  return bytes;
}

StatusOr<WavSizes> ExactWavSizes(std::string_view head, uint64_t file_bytes) {
  if (head.size() < 12 || head.substr(0, 4) != "RIFF" || head.substr(8, 4) != "WAVE") {
    return DataLoss("the audio does not begin with a WAV header");
  }
  uint64_t offset = 12;
  while (offset + 8 <= head.size()) {
    if (head.substr(offset, 4) == "data") {
      if (file_bytes < offset + 8) return DataLoss("the WAV header is longer than its file");
      if (file_bytes - 8 > std::numeric_limits<uint32_t>::max()) {
        return Errorf(StatusCode::kOutOfRange, "{} bytes are too many for a WAV file", file_bytes);
      }
      return WavSizes{static_cast<size_t>(offset + 4), static_cast<uint32_t>(file_bytes - 8),
                      static_cast<uint32_t>(file_bytes - offset - 8)};
    }
    const uint64_t size = Read32(head, offset + 4);
    offset += 8 + size + size % 2;
  }
  return DataLoss("the WAV header has no data chunk in its first {} bytes", head.size());
}

}  // namespace m2tts
