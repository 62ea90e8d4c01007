#include "core/voice/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>

#include "tests/core/base/temp_folder.h"

namespace m2tts {
namespace {

using ::testing::HasSubstr;

std::string LittleEndian(uint64_t value) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<char>(value >> (8 * i)));
  return bytes;
}

// A file with this header and this many zero bytes of data.
std::string FileOf(const std::string& header, size_t data_bytes) {
  return LittleEndian(header.size()) + header + std::string(data_bytes, '\0');
}

StatusOr<SafetensorsFile> ReadBytes(const std::string& bytes) {
  TempFolder folder;
  const auto path = folder.path() / "x.safetensors";
  M2TTS_RETURN_IF_ERROR(WriteFileAtomic(path, bytes));
  return ReadSafetensors(path);
}

// The message with which the file is refused.
std::string Refusal(const std::string& bytes) {
  const auto file = ReadBytes(bytes);
  EXPECT_EQ(file.status().code(), StatusCode::kDataLoss) << file.status();
  EXPECT_THAT(std::string(file.status().message()), HasSubstr("x.safetensors: "));
  return std::string(file.status().message());
}

std::string RefusalOf(const std::string& header, size_t data_bytes) {
  return Refusal(FileOf(header, data_bytes));
}

TEST(Safetensors, RoundTripsEveryType) {
  TensorMap tensors;
  for (const auto type : {torch::kDouble, torch::kFloat, torch::kHalf, torch::kBFloat16, torch::kLong,
                          torch::kInt, torch::kShort, torch::kChar, torch::kByte, torch::kBool}) {
    tensors[c10::toString(type)] = torch::arange(6).reshape({2, 3}).to(type);
  }
  tensors["scalar"] = torch::tensor(3.5f);
  tensors["empty"] = torch::empty({0, 4});
  tensors["transposed"] = torch::arange(6).reshape({2, 3}).to(torch::kFloat).t();
  const auto bytes = SerializeSafetensors(tensors, {{"format", "m2tts"}, {"quote", "\"\n"}});
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  const auto file = ReadBytes(*bytes);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->metadata.at("format"), "m2tts");
  EXPECT_EQ(file->metadata.at("quote"), "\"\n");
  ASSERT_EQ(file->tensors.size(), tensors.size());
  for (const auto& [name, tensor] : tensors) {
    EXPECT_EQ(file->tensors.at(name).scalar_type(), tensor.scalar_type()) << name;
    EXPECT_TRUE(torch::equal(file->tensors.at(name), tensor)) << name;
  }
}

TEST(Safetensors, BytesAreCanonical) {
  const TensorMap tensors = {
      {"b", torch::ones({1})}, {"a", torch::ones({2}, torch::kByte)}, {"c", torch::ones({1})}};
  std::string header =
      R"({"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"c":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},)"
      R"("a":{"dtype":"U8","shape":[2],"data_offsets":[8,10]}})";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  const std::string one("\x00\x00\x80\x3f", 4);
  EXPECT_EQ(*SerializeSafetensors(tensors, {}),
            LittleEndian(header.size()) + header + one + one + "\x01\x01");
  EXPECT_EQ(*SerializeSafetensors({}, {}), LittleEndian(8) + "{}      ");
}

TEST(Safetensors, RefusesToWriteWhatTheFormatLacks) {
  EXPECT_FALSE(SerializeSafetensors({{"__metadata__", torch::ones({1})}}, {}).ok());
  EXPECT_FALSE(SerializeSafetensors({{"x", torch::Tensor()}}, {}).ok());
  EXPECT_FALSE(SerializeSafetensors({{"x", torch::ones({1}, torch::kComplexFloat)}}, {}).ok());
  EXPECT_FALSE(SerializeSafetensors({{"\xff", torch::ones({1})}}, {}).ok());
}

TEST(Safetensors, TensorsOutliveTheFile) {
  torch::Tensor tensor;
  {
    TempFolder folder;
    const auto path = folder.path() / "x";
    ASSERT_TRUE(WriteFileAtomic(path, *SerializeSafetensors({{"x", torch::full({1000}, 2.0f)}}, {})).ok());
    tensor = ReadSafetensors(path)->tensors.at("x");
  }
  EXPECT_EQ(tensor.sum().item<float>(), 2000.0f);
}

TEST(Safetensors, UnalignedDataIsCopied) {
  // A header of 7 more than a multiple of 8 puts the floats on odd addresses.
  std::string header = R"({"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  while (header.size() % 8 != 7) header += ' ';
  const auto file = ReadBytes(FileOf(header, 8));
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE(torch::equal(file->tensors.at("x"), torch::zeros({2})));
  EXPECT_EQ(reinterpret_cast<uintptr_t>(file->tensors.at("x").data_ptr()) % 4, 0u);
}

TEST(SafetensorsHostile, HeaderLength) {
  EXPECT_THAT(Refusal(""), HasSubstr("0 bytes"));
  EXPECT_THAT(Refusal("1234567"), HasSubstr("7 bytes"));
  EXPECT_THAT(Refusal(LittleEndian(3) + "{}"), HasSubstr("header length 3"));
  EXPECT_THAT(Refusal(LittleEndian(~uint64_t{0}) + "{}"), HasSubstr("header length"));
  EXPECT_THAT(Refusal(LittleEndian(100'000'001) + std::string(100'000'001, ' ')), HasSubstr("limit"));
  EXPECT_THAT(Refusal(LittleEndian(0)), HasSubstr("must begin"));
}

TEST(SafetensorsHostile, HeaderText) {
  EXPECT_THAT(RefusalOf(" {}", 0), HasSubstr("must begin with '{'"));
  EXPECT_THAT(RefusalOf("[]", 0), HasSubstr("must begin"));
  EXPECT_THAT(RefusalOf("{", 0), HasSubstr("header: byte"));
  EXPECT_THAT(RefusalOf("{} x", 0), HasSubstr("header: byte"));
  EXPECT_THAT(RefusalOf("{\"a\xff\":{}}", 0), HasSubstr("header: byte"));
  EXPECT_THAT(RefusalOf("{\"a\":" + std::string(1'000'000, '['), 0), HasSubstr("nested deeper"));
  EXPECT_THAT(RefusalOf(R"({"__metadata__":{"a":1}})", 0), HasSubstr("must be a string"));
  EXPECT_THAT(RefusalOf(R"({"__metadata__":[]})", 0), HasSubstr("mapping of strings"));
  const std::string x = R"("x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]})";
  EXPECT_THAT(RefusalOf("{" + x + "," + x + "}", 1), HasSubstr("'x' is given twice"));
}

TEST(SafetensorsHostile, Entries) {
  EXPECT_THAT(RefusalOf(R"({"x":3})", 0), HasSubstr("needs exactly"));
  EXPECT_THAT(RefusalOf(R"({"x":{"dtype":"U8","shape":[1]}})", 1), HasSubstr("needs exactly"));
  EXPECT_THAT(RefusalOf(R"({"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"code":"x"}})", 1),
              HasSubstr("needs exactly"));
  EXPECT_THAT(RefusalOf(R"({"x":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}})", 8),
              HasSubstr("dtype \"C64\""));
  EXPECT_THAT(RefusalOf(R"({"x":{"dtype":1,"shape":[1],"data_offsets":[0,1]}})", 1), HasSubstr("dtype 1"));
  EXPECT_THAT(RefusalOf(R"({"x":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}})", 1), HasSubstr("shape"));
  EXPECT_THAT(RefusalOf(R"({"x":{"dtype":"U8","shape":[1.0],"data_offsets":[0,1]}})", 1), HasSubstr("shape"));
  EXPECT_THAT(RefusalOf(R"({"x":{"dtype":"U8","shape":"1","data_offsets":[0,1]}})", 1), HasSubstr("shape"));
  EXPECT_THAT(RefusalOf(R"({"x":{"dtype":"U8","shape":[1],"data_offsets":[0]}})", 1),
              HasSubstr("data_offsets"));
  EXPECT_THAT(RefusalOf(R"({"x":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}})", 1), HasSubstr("outside"));
}

TEST(SafetensorsHostile, ShapesAgainstSizes) {
  EXPECT_THAT(RefusalOf(R"({"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4),
              HasSubstr("needs 8 bytes"));
  EXPECT_THAT(RefusalOf(R"({"x":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", 0),
              HasSubstr("overflows"));
  EXPECT_THAT(RefusalOf(R"({"x":{"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,0]}})", 0),
              HasSubstr("overflows"));
  EXPECT_THAT(RefusalOf(R"({"x":{"dtype":"U8","shape":[0,4294967296,4294967296],"data_offsets":[0,0]}})", 0),
              HasSubstr("overflows"));
  EXPECT_THAT(RefusalOf(R"({"x":{"dtype":"U8","shape":[18446744073709551615],"data_offsets":[0,1]}})", 1),
              HasSubstr("shape"));
}

std::string Two(const std::string& a, const std::string& b) {
  return R"({"a":{"dtype":"U8","shape":[4],"data_offsets":)" + a +
         R"(},"b":{"dtype":"U8","shape":[4],"data_offsets":)" + b + "}}";
}

TEST(SafetensorsHostile, Tiling) {
  EXPECT_TRUE(ReadBytes(FileOf(Two("[4,8]", "[0,4]"), 8)).ok());  // any order
  EXPECT_THAT(RefusalOf(Two("[0,4]", "[2,6]"), 6), HasSubstr("overlapping"));
  EXPECT_THAT(RefusalOf(Two("[0,4]", "[0,4]"), 4), HasSubstr("overlapping"));
  EXPECT_THAT(RefusalOf(Two("[0,4]", "[5,9]"), 9), HasSubstr("leaving a hole after byte 4"));
  EXPECT_THAT(RefusalOf(Two("[1,5]", "[5,9]"), 9), HasSubstr("hole"));
  EXPECT_THAT(RefusalOf(Two("[0,4]", "[4,8]"), 9), HasSubstr("1 bytes of data belong to no tensor"));
  EXPECT_THAT(RefusalOf(Two("[0,4]", "[4,8]"), 7), HasSubstr("truncated"));
}

TEST(SafetensorsHostile, BoolBytes) {
  const std::string header = R"({"x":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]}})";
  EXPECT_TRUE(ReadBytes(FileOf(header, 1)).ok());
  EXPECT_THAT(Refusal(LittleEndian(header.size()) + header + "\x02"), HasSubstr("BOOL"));
}

TEST(SafetensorsHostile, EveryTruncationIsRefused) {
  const std::string bytes =
      *SerializeSafetensors({{"x", torch::ones({2})}, {"y", torch::ones({1}, torch::kByte)}}, {});
  for (size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_FALSE(ReadBytes(bytes.substr(0, length)).ok()) << length;
  }
}

}  // namespace
}  // namespace m2tts
