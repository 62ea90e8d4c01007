#include "trainer/monitor/crc32c.h"

#include <gtest/gtest.h>

namespace m2tts {
namespace {

// The check value of the catalogue of CRCs, and the vectors of RFC 3720, appendix B.4.
TEST(Crc32cTest, KnownValues) {
  EXPECT_EQ(Crc32c(""), 0u);
  EXPECT_EQ(Crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(Crc32c(std::string(32, '\xff')), 0x62a8ab43u);
}

TEST(Crc32cTest, MaskIsThatOfLeveldb) {
  // 0xe3069283 rotated right by 15 is 0x2507c60d.
  EXPECT_EQ(MaskedCrc32c("123456789"), 0x2507c60du + 0xa282ead8u);
}

}  // namespace
}  // namespace m2tts
