#include "trainer/corpus/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <thread>

namespace m2tts {
namespace {

using ::testing::HasSubstr;

TEST(ProcessTest, KeepsOutputStreamsApart) {
  const auto result = RunProcess({"sh", "-c", "echo heard; echo noise >&2"});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->ok());
  EXPECT_EQ(result->out, "heard\n");
  EXPECT_EQ(result->err, "noise\n");
}

TEST(ProcessTest, ArgumentsAreNeverCommands) {
  const auto result = RunProcess({"printf", "%s", "$(echo no); `echo no` \"' | \\"});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->out, "$(echo no); `echo no` \"' | \\");
}

TEST(ProcessTest, InputIsEmpty) {
  const auto result = RunProcess({"cat"});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->out, "");
}

TEST(ProcessTest, FailureIsDescribedByItsLastLine) {
  const auto result = RunProcess({"sh", "-c", "echo first >&2; echo broken >&2; echo >&2; exit 3"});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_FALSE(result->ok());
  EXPECT_EQ(result->Describe(), "exit code 3: broken");
}

TEST(ProcessTest, CrashIsASignal) {
  const auto result = RunProcess({"sh", "-c", "kill -SEGV $$"});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_FALSE(result->ok());
  EXPECT_EQ(result->signal, SIGSEGV);
  EXPECT_EQ(result->Describe(), "killed by signal 11");
}

TEST(ProcessTest, MissingProgramIsNotFound) {
  const auto result = RunProcess({"m2tts-no-such-program"});
  EXPECT_EQ(result.status().code(), StatusCode::kNotFound);
  EXPECT_THAT(std::string(result.status().message()), HasSubstr("m2tts-no-such-program"));
  EXPECT_EQ(RunProcess({}).status().code(), StatusCode::kInvalidArgument);
}

TEST(ProcessTest, TimeoutKills) {
  ProcessOptions options;
  options.timeout = std::chrono::milliseconds(50);
  const auto start = std::chrono::steady_clock::now();
  const auto result = RunProcess({"sleep", "30"}, options);
  EXPECT_EQ(result.status().code(), StatusCode::kDeadlineExceeded);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST(ProcessTest, OutputOverTheLimitIsDroppedButRead) {
  ProcessOptions options;
  options.max_output_bytes = 1000;
  const auto result = RunProcess({"sh", "-c", "head -c 300000 /dev/zero; echo end >&2"}, options);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->ok());
  EXPECT_EQ(result->out.size(), 1000u);
  EXPECT_EQ(result->err, "end\n");
}

TEST(ProcessTest, ManyAtOnceGetTheirOwnOutput) {
  std::vector<std::thread> threads;
  std::vector<std::string> outputs(8);
  for (size_t i = 0; i < outputs.size(); ++i) {
    threads.emplace_back([i, &outputs] {
      const auto result = RunProcess({"echo", std::to_string(i)});
      if (result.ok()) outputs[i] = result->out;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (size_t i = 0; i < outputs.size(); ++i) EXPECT_EQ(outputs[i], std::to_string(i) + "\n");
}

TEST(ScratchFolderTest, IsRemovedWithItsContent) {
  std::filesystem::path path;
  {
    const auto scratch = ScratchFolder::Create();
    ASSERT_TRUE(scratch.ok()) << scratch.status();
    path = scratch->path();
    ASSERT_TRUE(std::filesystem::create_directories(path / "inner"));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace m2tts
