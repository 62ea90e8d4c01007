// Trims the silence at the ends of a recording.
#pragma once

#include <vector>

namespace m2tts {

struct TrimOptions {
  int frame = 256;              // samples over which the level is taken
  double threshold_db = -45.0;  // relative to the loudest frame; below is silence
};

// The samples from the first to the last frame that is not silent; all of a silent or empty
// wave's are silence.
std::vector<float> TrimSilence(const std::vector<float>& wave, const TrimOptions& options = {});

}  // namespace m2tts
