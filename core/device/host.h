// What we ask of the operating system about cores and heap: one source file per system.
#pragma once

namespace m2tts {

// Physical cores that this process may run on, at least 1. Hyper-threads of one core count
// once: they share its arithmetic units. macOS: performance cores only.
int PhysicalCores();

// Gives free heap pages back to the system.
void TrimHeap();

}  // namespace m2tts
