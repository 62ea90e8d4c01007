// A voice as the services see it, without LibTorch in sight: loaded, or only known, after it made room for
// others.
//
// Immutable. Whoever holds one keeps it alive: a request in flight speaks with the voice that it began
// with, whatever is loaded or unloaded meanwhile.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "server/voices/text_settings.h"

namespace m2tts {

class Synthesizer;

struct Voice {
  std::string name;
  std::string language;
  std::string description;
  std::string licence;
  std::string provenance_json;
  std::vector<std::string> speakers;  // at least one
  int sample_rate = 0;                // Hz
  int64_t bytes = 0;                  // on disk
  int64_t resident_bytes = 0;         // of its weights in memory, about
  std::string sha256;                 // of the weights, 64 hexadecimal digits
  std::string device;                 // "cpu", "cuda:0", "mps"
  std::string sample_text;            // something to try it with
  std::string stamp;                  // of the files that it was read from: tells whether they changed
  TextSettings text;                  // its own style and words
  // Only the device executor's thread may touch it; any may let go of it. Null: not in memory.
  std::shared_ptr<Synthesizer> synthesizer;
  // When it was asked for last, in the registry's counting.
  std::shared_ptr<std::atomic<int64_t>> last_used = std::make_shared<std::atomic<int64_t>>(0);
};

}  // namespace m2tts
