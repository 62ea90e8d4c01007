// LibTorch's runtime as the rest of the program sees it; free of LibTorch's headers, which
// cost every source that includes them some ten seconds of compiling.
#pragma once

#include <string>

namespace m2tts {

// Gives cached blocks back: CUDA and MPS allocator caches; on glibc, malloc_trim. Any thread.
void ClearDeviceCaches();

// Intra-op threads of operators. 0 = physical cores of this process's affinity mask. Call
// once, before the first operator; returns the number in force.
int ConfigureCpuThreads(int requested);

// "1.13.1".
std::string TorchVersion();

}  // namespace m2tts
