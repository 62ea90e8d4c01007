// Our files against the independent reader and writer in read_safetensors.py.
#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include "core/voice/safetensors.h"
#include "core/voice/safetensors_header.h"
#include "tests/core/base/temp_folder.h"

namespace m2tts {
namespace {

// Standard output of the script; fails the test when the script does.
std::string RunScript(const std::string& arguments) {
  const std::string command =
      M2TTS_PYTHON " " M2TTS_SOURCE_DIR "/tests/core/voice/read_safetensors.py " + arguments + " 2>&1";
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) {
    ADD_FAILURE() << "cannot run: " << command;
    return "";
  }
  std::string output;
  char buffer[4096];
  while (const size_t got = std::fread(buffer, 1, sizeof(buffer), pipe)) output.append(buffer, got);
  EXPECT_EQ(::pclose(pipe), 0) << command << "\n" << output;
  return output;
}

// The line that the script prints for a contiguous tensor.
std::string DumpLine(const std::string& name, const torch::Tensor& tensor) {
  std::string hex;
  const auto* bytes = static_cast<const unsigned char*>(tensor.data_ptr());
  for (size_t i = 0; i < tensor.nbytes(); ++i) hex += fmt::format("{:02x}", bytes[i]);
  return fmt::format("{} {} {} {}\n", name, SafetensorsDtype(tensor.scalar_type()),
                     fmt::join(tensor.sizes().vec(), "x"), hex);
}

TEST(SafetensorsInterop, IndependentReaderReadsOursBitForBit) {
  torch::manual_seed(1);
  const TensorMap tensors = {
      {"a.weight", torch::randn({3, 5, 2})},
      {"b.half", torch::randn({7}).to(torch::kHalf)},
      {"c.brain", torch::randn({4}).to(torch::kBFloat16)},
      {"d.scalar", torch::tensor(0.1, torch::kDouble)},
      {"e.ids", torch::randint(-100, 100, {9}, torch::kLong)},
      {"f.bytes", torch::randint(0, 255, {3}, torch::kByte)},
      {"g.flags", torch::randn({5}) > 0},
  };
  TempFolder folder;
  const auto path = folder.path() / "ours.safetensors";
  ASSERT_TRUE(WriteFileAtomic(path, *SerializeSafetensors(tensors, {{"k", "v"}})).ok());
  std::string expected;
  for (const auto& [name, tensor] : tensors) expected += DumpLine(name, tensor);
  EXPECT_EQ(RunScript("dump " + path.string()), expected);
}

TEST(SafetensorsInterop, WeReadWhatTheIndependentWriterWrites) {
  TempFolder folder;
  const auto path = folder.path() / "theirs.safetensors";
  RunScript("write " + path.string());
  const auto file = ReadSafetensors(path);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->metadata.at("writer"), "numpy");
  ASSERT_EQ(file->tensors.size(), 5u);
  EXPECT_TRUE(
      torch::equal(file->tensors.at("weight"), torch::arange(6).to(torch::kFloat).reshape({2, 3}) / 3));
  EXPECT_TRUE(torch::equal(file->tensors.at("half"), torch::tensor({1.5, -2.0, 65504.0}).to(torch::kHalf)));
  EXPECT_TRUE(torch::equal(file->tensors.at("ids"), torch::tensor({int64_t{-1}, int64_t{1} << 40})));
  EXPECT_TRUE(torch::equal(file->tensors.at("flags"), torch::tensor({1, 0, 1}).to(torch::kBool)));
  EXPECT_TRUE(torch::equal(file->tensors.at("scalar"), torch::tensor(0.1, torch::kDouble)));
}

}  // namespace
}  // namespace m2tts
