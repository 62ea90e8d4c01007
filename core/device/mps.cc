#include "core/device/mps.h"

#include <ATen/Context.h>
#include <torch/version.h>

#if TORCH_VERSION_MAJOR >= 2
#include <ATen/detail/MPSHooksInterface.h>
#endif

namespace m2tts {

bool MpsAvailable() {
  return at::hasMPS();
}

std::optional<int64_t> MpsAllocatedBytes() {
#if TORCH_VERSION_MAJOR >= 2
  if (MpsAvailable()) return static_cast<int64_t>(at::detail::getMPSHooks().getCurrentAllocatedMemory());
#endif
  return std::nullopt;
}

std::optional<int64_t> MpsUsedBytes() {
#if TORCH_VERSION_MAJOR >= 2
  if (MpsAvailable()) return static_cast<int64_t>(at::detail::getMPSHooks().getDriverAllocatedMemory());
#endif
  return std::nullopt;
}

std::optional<int64_t> MpsLimitBytes() {
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 5)
  if (MpsAvailable()) return static_cast<int64_t>(at::detail::getMPSHooks().getRecommendedMaxMemory());
#endif
  return std::nullopt;
}

void MpsEmptyCache() {
#if TORCH_VERSION_MAJOR >= 2
  if (MpsAvailable()) at::detail::getMPSHooks().emptyCache();
#endif
}

}  // namespace m2tts
