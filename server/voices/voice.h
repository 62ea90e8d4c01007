// A loaded voice as the services see it, without LibTorch in sight.
#pragma once

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
  std::string checksum;               // SHA-256 of its weights
  TextSettings text;                  // its own style and words
  // Only the device executor's thread may touch it.
  std::shared_ptr<Synthesizer> synthesizer;
};

}  // namespace m2tts
