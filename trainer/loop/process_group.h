// Several processes, on one machine or several, that train one model together: each computes its share of
// every step, and gradients are summed (LibTorch's c10d: Gloo, and between GPUs of NVIDIA NCCL).
#pragma once

#include <torch/torch.h>

#include <memory>
#include <string>

#include "core/base/status.h"

namespace m2tts {

// One thread at a time; all processes must make the same calls in the same order. When another process
// dies or does not answer for four hours, every call is UNAVAILABLE, and the group is of no more use.
class ProcessGroup {
 public:
  // By the usual variables MASTER_ADDR, MASTER_PORT, RANK and WORLD_SIZE; waits for the others for five
  // minutes at most. GLOO_SOCKET_IFNAME names a network interface, where the default is the wrong one. Null
  // when WORLD_SIZE is 1 or not set. INVALID_ARGUMENT names a variable, FAILED_PRECONDITION says that this
  // build has no Gloo. `device`: where gradients are; on CUDA they are summed by NCCL if this build has it,
  // else on the CPU.
  static StatusOr<std::unique_ptr<ProcessGroup>> FromEnvironment(const torch::Device& device = torch::kCPU);
  virtual ~ProcessGroup() = default;

  virtual int rank() const = 0;  // 0 writes checkpoints, validates and logs
  virtual int size() const = 0;

  // "gloo" or "nccl": what sums.
  virtual const char* backend() const = 0;
  // Where Sum wants its values.
  virtual torch::Device device() const = 0;

  // Adds up `values` (contiguous, on device()) over the processes, in place; all get bitwise the same sums.
  virtual Status Sum(torch::Tensor values) = 0;
  // Gives the bytes of process 0 to all.
  virtual Status Broadcast(std::string* bytes) = 0;
};

// Of one process, where there is no group.
inline int RankOf(const ProcessGroup* group) {
  return group == nullptr ? 0 : group->rank();
}
inline int SizeOf(const ProcessGroup* group) {
  return group == nullptr ? 1 : group->size();
}
inline bool IsFirst(const ProcessGroup* group) {
  return group == nullptr || group->rank() == 0;
}

}  // namespace m2tts
