#include "core/device/guard.h"

#include <c10/util/Exception.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <new>
#include <stdexcept>
#include <vector>

namespace m2tts {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <typename Throw>
Status Thrown(Throw throw_it) {
  return Guard("step", [&]() -> Status {
    throw_it();
    return OkStatus();
  });
}

TEST(Guard, PassesResultsThrough) {
  EXPECT_EQ(Guard("step", [] { return OkStatus(); }), OkStatus());
  EXPECT_EQ(Guard("step", [] { return NotFound("x"); }), NotFound("x"));
  EXPECT_EQ(*Guard("step", []() -> StatusOr<int> { return 3; }), 3);
}

TEST(Guard, RealTorchErrorIsInternalWithoutBacktrace) {
  const Status status = Thrown([] { torch::ones({2, 3}).matmul(torch::ones({2, 3})); });
  EXPECT_EQ(status.code(), StatusCode::kInternal);
  EXPECT_THAT(std::string(status.message()), ::testing::StartsWith("step: "));
  EXPECT_THAT(std::string(status.message()), ::testing::Not(HasSubstr("\n")));
  EXPECT_FALSE(IsOutOfMemory(status));
}

TEST(Guard, KeepsTheFirstLineOfOtherExceptions) {
  EXPECT_EQ(Thrown([] { throw std::runtime_error("first\nsecond"); }), Internal("step: first"));
  EXPECT_EQ(Thrown([] { throw 3; }), Internal("step: unknown exception"));
}

TEST(Guard, RecognizesOutOfMemoryOfEveryAllocator) {
  EXPECT_TRUE(IsOutOfMemory(Thrown([] { throw std::bad_alloc(); })));
  const std::vector<std::string> messages = {
      "CUDA out of memory. Tried to allocate 2.00 GiB (GPU 0; 8.00 GiB total capacity)",
      "MPS backend out of memory (MPS allocated: 8.00 GB, other allocations: 1 GB, max allowed: 9.07 GB).",
      "[enforce fail at alloc_cpu.cpp:66] . DefaultCPUAllocator: can't allocate memory: you tried to "
      "allocate 8 bytes",
      "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate(handle)",
      "Invalid buffer size: 12.00 GB",
  };
  for (const std::string& message : messages) {
    EXPECT_TRUE(IsOutOfMemory(Thrown([&] { throw std::runtime_error(message); }))) << message;
    EXPECT_TRUE(IsOutOfMemory(Thrown([&] { TORCH_CHECK(false, message); }))) << message;
  }
  EXPECT_TRUE(IsOutOfMemory(Thrown([] { TORCH_CHECK_WITH(OutOfMemoryError, false, "no blocks left"); })));
}

TEST(Guard, ARealAllocationTooLargeIsOutOfMemory) {
  const Status status = Thrown([] { torch::empty({int64_t{1} << 60}, torch::kByte); });
  EXPECT_TRUE(IsOutOfMemory(status)) << status;
  EXPECT_TRUE(IsOutOfMemory(Annotate(status, "mel decoder")));
}

TEST(Guard, AFullQueueIsNotOutOfMemory) {
  EXPECT_FALSE(IsOutOfMemory(Errorf(StatusCode::kResourceExhausted, "queue is full")));
  EXPECT_FALSE(IsOutOfMemory(OkStatus()));
}

}  // namespace
}  // namespace m2tts
