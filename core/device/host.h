// What we ask of the operating system about cores and heap: one source file per system.
#pragma once

#include <string>

namespace m2tts {

// Physical cores that this process may run on, at least 1. Hyper-threads of one core count
// once: they share its arithmetic units. macOS: performance cores only.
int PhysicalCores();

// "AMD EPYC 7B13"; "unknown processor" where the system does not tell.
std::string ProcessorName();

// Keeps freed memory for what is allocated next, up to 16 MB a thread: a network allocates and frees the
// same megabytes at every step, and the system would clear each page anew. Where the system has a say.
void KeepHeap();

// Gives free heap pages back to the system.
void TrimHeap();

}  // namespace m2tts
