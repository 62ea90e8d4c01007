// What a stage shows of its progress: pictures to look at and sounds to listen to.
#pragma once

#include <string>
#include <vector>

#include "trainer/monitor/picture.h"

namespace m2tts {

// Names need no stage and no step; letters, digits and '-'.
struct Samples {
  struct Image {
    std::string name;
    Picture picture;
  };
  struct Sound {
    std::string name;
    std::vector<float> wave;  // mono, [-1, 1]
    int sample_rate = 0;      // Hz
    bool natural = false;     // the recording itself: kept once, not at every step
  };
  std::vector<Image> images;
  std::vector<Sound> sounds;
};

}  // namespace m2tts
