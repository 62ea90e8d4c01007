// Numbers in the bytes of our files: little-endian whatever the machine is.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>

namespace m2tts {

inline uint32_t LoadU16(const unsigned char* p) {
  return static_cast<uint32_t>(p[0]) | static_cast<uint32_t>(p[1]) << 8;
}

inline uint32_t LoadU32(const unsigned char* p) {
  return LoadU16(p) | LoadU16(p + 2) << 16;
}

inline float LoadF32(const unsigned char* p) {
  const uint32_t bits = LoadU32(p);
  float value = 0;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

inline void PutU16(uint32_t value, std::string* out) {
  out->push_back(static_cast<char>(value & 0xff));
  out->push_back(static_cast<char>(value >> 8 & 0xff));
}

inline void PutU32(uint32_t value, std::string* out) {
  PutU16(value, out);
  PutU16(value >> 16, out);
}

inline void PutF32(float value, std::string* out) {
  uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof(bits));
  PutU32(bits, out);
}

}  // namespace m2tts
