#include "trainer/monitor/wire_format.h"

#include <gtest/gtest.h>

namespace m2tts {
namespace {

std::string Bytes(std::initializer_list<int> values) {
  return {values.begin(), values.end()};
}

// The examples of the encoding's own description.
TEST(WireFormatTest, EncodesAsDescribed) {
  EXPECT_EQ(WireMessage().Varint(1, 150).bytes(), Bytes({0x08, 0x96, 0x01}));
  EXPECT_EQ(WireMessage().Bytes(2, "testing").bytes(), Bytes({0x12, 0x07}) + "testing");
  EXPECT_EQ(WireMessage().Message(3, WireMessage().Varint(1, 150)).bytes(),
            Bytes({0x1a, 0x03, 0x08, 0x96, 0x01}));
  EXPECT_EQ(WireMessage().Varint(1, -2).bytes(),
            Bytes({0x08, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}));
}

TEST(WireFormatTest, NumbersAreLittleEndian) {
  EXPECT_EQ(WireMessage().Float(1, 1.0f).bytes(), Bytes({0x0d, 0, 0, 0x80, 0x3f}));
  EXPECT_EQ(WireMessage().Double(2, 1.0).bytes(), Bytes({0x11, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f}));
  EXPECT_EQ(WireMessage().Varint(16, 0).bytes(), Bytes({0x80, 0x01, 0x00}));
}

}  // namespace
}  // namespace m2tts
