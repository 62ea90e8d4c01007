// Stub of macOS's <sys/sysctl.h>, for syntax checks on other systems.
#pragma once

#include <cstddef>

extern "C" int sysctlbyname(const char* name, void* old_value, size_t* old_size, void* new_value,
                            size_t new_size);
