// Protocol buffers' wire format, as far as writing messages needs it
// (https://protobuf.dev/programming-guides/encoding).
//
//   WireMessage image, value;
//   image.Varint(1, height).Varint(2, width);
//   value.Bytes(1, "mel").Message(4, image);
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace m2tts {

// Bytes of `value`, least significant first.
inline void AppendLittleEndian(uint64_t value, int bytes, std::string* out) {
  for (int i = 0; i < bytes; ++i) out->push_back(static_cast<char>(value >> (8 * i)));
}

// Fields in the order of the calls. A negative int64 takes ten bytes, as the format wants.
class WireMessage {
 public:
  WireMessage& Varint(int field, int64_t value) {
    Key(field, 0);
    Base128(static_cast<uint64_t>(value));
    return *this;
  }
  WireMessage& Double(int field, double value) {
    uint64_t bits;
    std::memcpy(&bits, &value, sizeof(bits));
    Key(field, 1);
    AppendLittleEndian(bits, 8, &bytes_);
    return *this;
  }
  WireMessage& Float(int field, float value) {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof(bits));
    Key(field, 5);
    AppendLittleEndian(bits, 4, &bytes_);
    return *this;
  }
  WireMessage& Bytes(int field, std::string_view value) {
    Key(field, 2);
    Base128(value.size());
    bytes_.append(value);
    return *this;
  }
  WireMessage& Message(int field, const WireMessage& value) { return Bytes(field, value.bytes_); }

  const std::string& bytes() const { return bytes_; }

 private:
  void Key(int field, int type) { Base128(static_cast<uint64_t>(field) << 3 | type); }
  void Base128(uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_.push_back(static_cast<char>(value | 0x80));
    bytes_.push_back(static_cast<char>(value));
  }

  std::string bytes_;
};

}  // namespace m2tts
