// LibTorch's runtime as the rest of the program sees it; free of LibTorch's headers, which
// cost every source that includes them some ten seconds of compiling.
#pragma once

#include <optional>
#include <string>

namespace m2tts {

// Memory of a device ("cuda:0", "mps") that is in use, percent; nullopt where it is not known, as for "cpu".
// Any thread.
std::optional<double> DeviceMemoryPercent(const std::string& name);

// Gives cached blocks back: CUDA and MPS allocator caches; on glibc, malloc_trim. Any thread.
void ClearDeviceCaches();

// Intra-op threads of operators of the calling thread. 0 = physical cores of this process's
// affinity mask. Call before the thread's first operator; returns the number in force. The process keeps
// its heap from then on (host.h).
int ConfigureCpuThreads(int requested);

// Whether the setting `device` (auto, mps, cuda, cpu) may end up on a GPU here.
bool MayUseGpu(const std::string& device);

// Threads that may compute at a time on the device that the setting `device` asks for (auto, mps,
// cuda, cpu) when each uses `threads` cores: 1 where a GPU may be chosen, else what the cores allow.
int ComputeLanes(const std::string& device, int threads);

// "1.13.1".
std::string TorchVersion();

}  // namespace m2tts
