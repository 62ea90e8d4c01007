// How fuzz targets hold on to what has to be.
#pragma once

#include <cstdio>
#include <cstdlib>

// Ends the program, which is what a fuzzer takes for a finding.
#define FUZZ_CHECK(condition)                                              \
  do {                                                                     \
    if (!(condition)) {                                                    \
      std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                        \
    }                                                                      \
  } while (false)
