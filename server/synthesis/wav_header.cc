#include "server/synthesis/wav_header.h"

#include <cstdint>
#include <cstring>

namespace m2tts {
namespace {

constexpr size_t kChunkHeader = 8;  // four letters, little-endian length

uint32_t ReadLength(const std::string& bytes, size_t at) {
  uint32_t value = 0;
  for (int i = 3; i >= 0; --i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

void WriteLength(size_t value, size_t at, std::string* bytes) {
  for (int i = 0; i < 4; ++i) (*bytes)[at + i] = static_cast<char>(value >> (8 * i) & 0xff);
}

}  // namespace

void SetWavSizes(std::string* wav) {
  if (wav->size() < 12 || wav->compare(0, 4, "RIFF") != 0) return;
  size_t at = 12;
  while (at + kChunkHeader <= wav->size()) {
    if (wav->compare(at, 4, "data") == 0) {
      WriteLength(wav->size() - kChunkHeader, 4, wav);
      WriteLength(wav->size() - at - kChunkHeader, at + 4, wav);
      return;
    }
    at += kChunkHeader + ReadLength(*wav, at + 4);
  }
}

}  // namespace m2tts
