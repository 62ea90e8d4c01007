#include "core/device/autocast.h"

#include <gtest/gtest.h>

namespace m2tts {
namespace {

TEST(AutocastTest, ParsesItsThreeWords) {
  EXPECT_EQ(*ParsePrecision("fp32"), Precision::kFp32);
  EXPECT_EQ(*ParsePrecision("bf16"), Precision::kBf16);
  EXPECT_EQ(*ParsePrecision("fp16"), Precision::kFp16);
  for (const char* word : {"", "FP16", "float16", "int8"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParsePrecision(word).status())) << word;
  }
}

TEST(AutocastTest, SaysWhatTheProcessorCannotDo) {
  EXPECT_TRUE(CheckPrecision(Precision::kFp32, torch::kCPU).ok());
  EXPECT_TRUE(CheckPrecision(Precision::kBf16, torch::kCPU).ok());
  const Status half = CheckPrecision(Precision::kFp16, torch::kCPU);
  EXPECT_EQ(half.code(), StatusCode::kFailedPrecondition);
  EXPECT_NE(half.message().find("fp16"), std::string::npos);
}

TEST(AutocastTest, ProductsAreInBfloat16InsideAndModesNest) {
  const auto a = torch::rand({4, 4}), b = torch::rand({4, 4});
  EXPECT_EQ(torch::matmul(a, b).scalar_type(), torch::kFloat32);
  {
    const Autocast low(torch::kCPU, Precision::kBf16);
    EXPECT_EQ(torch::matmul(a, b).scalar_type(), torch::kBFloat16);
    {
      const Autocast exact(torch::kCPU, Precision::kFp32);
      EXPECT_EQ(torch::matmul(a, b).scalar_type(), torch::kFloat32);
    }
    EXPECT_EQ(torch::matmul(a, b).scalar_type(), torch::kBFloat16);
  }
  EXPECT_EQ(torch::matmul(a, b).scalar_type(), torch::kFloat32);
  EXPECT_FALSE(CurrentAutocast(torch::kCPU).enabled);
}

}  // namespace
}  // namespace m2tts
