// What can be said about the sound of one clip: level, silence, clipping, offset.
#pragma once

#include <algorithm>
#include <string>

#include "core/audio/codec.h"

namespace m2tts {

struct AudioMeasure {
  int sample_rate = 0;  // Hz
  int channels = 0;
  double seconds = 0.0;
  double full_scale_share = 0.0;  // of all samples, those at or beyond full scale
  double offset = 0.0;            // mean of the channel that is furthest from zero; full scale is 1
  // Of the mean of the channels, in blocks of 10 ms. A block is silence when it is 45 dB below the loudest,
  // the threshold at which training trims the ends.
  bool silent = false;         // no block reaches -60 dBFS; the figures below are then 0
  double level_dbfs = 0.0;     // RMS of the blocks that are not silence; a full-scale square wave is 0
  double leading = 0.0;        // seconds of silence before the first sound
  double trailing = 0.0;       // seconds of silence after the last
  double longest_pause = 0.0;  // seconds of the longest silence in between
  double speaking = 0.0;       // seconds between the ends, without pauses of 0.2 s and more
  std::string hash;            // of the decoded samples; equal for a WAV and the FLAC made of it

  double between_ends() const { return seconds - leading - trailing; }
  // What training keeps: silence of at most 0.1 s at each end.
  double kept() const { return between_ends() + std::min(leading, 0.1) + std::min(trailing, 0.1); }
};

// Fails as ToMono does.
StatusOr<AudioMeasure> MeasureAudio(const Audio& audio);

}  // namespace m2tts
