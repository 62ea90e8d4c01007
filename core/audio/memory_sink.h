// A file in memory for an encoder of libsndfile, which may go back in it.
#pragma once

#include <sndfile.h>

#include <string>

namespace m2tts {

// Grows at its end; what lies before `taken` has been handed out for good, and writes there are lost.
struct MemorySink {
  std::string bytes;  // from file offset `taken` on
  sf_count_t taken = 0;
  sf_count_t position = 0;

  sf_count_t size() const { return taken + static_cast<sf_count_t>(bytes.size()); }
  void Write(const char* data, sf_count_t count);
  // What has been written since the last call.
  std::string Take();

  // Callbacks whose user data is a MemorySink.
  static SF_VIRTUAL_IO Io();
};

}  // namespace m2tts
