// An allocator in place of LibTorch's for the CPU, as long as it lives.
#pragma once

#include <c10/core/CPUAllocator.h>
#include <torch/version.h>

namespace m2tts {

// One at a time, in a test of one thread.
class ReplacedAllocator : public c10::Allocator {
 public:
  ReplacedAllocator() : whole_(c10::GetCPUAllocator()) { c10::SetCPUAllocator(this, kPriority); }
  ~ReplacedAllocator() override { c10::SetCPUAllocator(whole_, kPriority); }

#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 3)
  c10::DataPtr allocate(size_t bytes) override {
    return Allocate(bytes);
  }
  void copy_data(void* to, const void* from, std::size_t bytes) const override {
    default_copy_data(to, from, bytes);
  }
#else
  c10::DataPtr allocate(size_t bytes) const override {
    return Allocate(bytes);
  }
#endif

 protected:
  virtual c10::DataPtr Allocate(size_t bytes) const = 0;
  // The one that it stands in for.
  c10::Allocator* whole() const {
    return whole_;
  }

 private:
  static constexpr uint8_t kPriority = 200;  // above that of LibTorch's own
  c10::Allocator* const whole_;
};

}  // namespace m2tts
