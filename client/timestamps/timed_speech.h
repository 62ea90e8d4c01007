// A spoken text and the places of its parts, as a stream told them.
#pragma once

#include <string>
#include <vector>

#include "m2tts/v1/synthesizer.pb.h"

namespace m2tts {

struct TimedSpeech {
  std::string text;  // what was asked to be spoken; the ranges of the timings point into it
  bool ssml = false;
  int sample_rate = 0;  // Hz, of all places
  int64_t total_samples = 0;
  std::vector<v1::SentenceTiming> sentences;
  std::vector<v1::WordTiming> words;
  std::vector<v1::MarkTiming> marks;

  double Seconds(int64_t sample) const {
    return sample_rate > 0 ? static_cast<double>(sample) / sample_rate : 0.0;
  }
};

}  // namespace m2tts
