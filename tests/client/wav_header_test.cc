#include "client/wav_header.h"

#include <gtest/gtest.h>

#include "tests/client/fake_server.h"

namespace m2tts {
namespace {

TEST(WavHeaderTest, FindsTheDataOfAPlainHeader) {
  const auto sizes = ExactWavSizes(testing::StreamingWavHeader(), 44 + 1000);
  ASSERT_TRUE(sizes.ok()) << sizes.status();
  EXPECT_EQ(sizes->data_size_offset, 40u);
  EXPECT_EQ(sizes->riff_size, 1036u);
  EXPECT_EQ(sizes->data_size, 1000u);
}

TEST(WavHeaderTest, SkipsOtherChunksWithTheirPadding) {
  std::string head = testing::StreamingWavHeader();
  head.insert(36, "LIST" + LittleEndian32(3) + std::string("abc\0", 4));
  const auto sizes = ExactWavSizes(head, head.size() + 10);
  ASSERT_TRUE(sizes.ok()) << sizes.status();
  EXPECT_EQ(sizes->data_size_offset, 52u);
  EXPECT_EQ(sizes->data_size, 10u);
}

TEST(WavHeaderTest, RefusesWhatIsNoWav) {
  const std::string good = testing::StreamingWavHeader();
  for (size_t length = 0; length < good.size(); ++length) {
    EXPECT_EQ(ExactWavSizes(good.substr(0, length), 1000).status().code(), StatusCode::kDataLoss) << length;
  }
  EXPECT_EQ(ExactWavSizes("fLaC" + good, 1000).status().code(), StatusCode::kDataLoss);
}

TEST(WavHeaderTest, RefusesHostileChunkLengths) {
  std::string head = testing::StreamingWavHeader();
  head.replace(16, 4, LittleEndian32(0xFFFFFFFF));  // of the format chunk
  EXPECT_EQ(ExactWavSizes(head, 1000).status().code(), StatusCode::kDataLoss);
  EXPECT_EQ(ExactWavSizes(testing::StreamingWavHeader(), 20).status().code(), StatusCode::kDataLoss);
}

TEST(WavHeaderTest, SaysWhenSizesDoNotFit) {
  EXPECT_EQ(ExactWavSizes(testing::StreamingWavHeader(), uint64_t{5} << 30).status().code(),
            StatusCode::kOutOfRange);
}

TEST(WavHeaderTest, LittleEndian) {
  EXPECT_EQ(LittleEndian32(0x04030201), "\1\2\3\4");
}

}  // namespace
}  // namespace m2tts
