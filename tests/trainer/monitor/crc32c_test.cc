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

TEST(Crc32cTest, GoesOnFromThePieceBefore) {
  const std::string_view text = "123456789";
  for (size_t at = 0; at <= text.size(); ++at) {
    EXPECT_EQ(Crc32c(text.substr(at), Crc32c(text.substr(0, at))), Crc32c(text)) << at;
  }
}

}  // namespace
}  // namespace m2tts
