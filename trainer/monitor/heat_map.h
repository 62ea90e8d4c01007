// Matrices as pictures: mel spectrograms and alignments.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "trainer/monitor/picture.h"

namespace m2tts {

struct Tick {
  double position = 0.0;  // in rows or columns
  std::string label;
};

struct HeatMap {
  std::string title;
  int rows = 0;
  int columns = 0;
  std::vector<float> values;  // [columns][rows], row 0 at the bottom: [F, n_mels] is a spectrogram
  float low = 0.0f;           // value of the darkest colour; NaN is drawn grey
  float high = 1.0f;          // of the brightest
  int cell_width = 3;         // pixels
  int cell_height = 3;
  std::vector<Tick> x_ticks;  // at the left edge of their column
  std::vector<Tick> y_ticks;  // at the middle of their row
  std::vector<int> path;      // a row for each column, drawn over it; may be empty
};

// One below the other, each under its title. Ticks whose labels would touch are left out.
Picture DrawHeatMaps(const std::vector<HeatMap>& maps);

// Ticks of a time axis: every half second, or 1, 2, 5, ... s where that would be crowded.
std::vector<Tick> TimeTicks(int frames, double frames_per_second);

// The colour map "viridis" (Smith & van der Walt 2015; CC0), between nine of its colours. `share` in [0, 1].
Colour Viridis(float share);

}  // namespace m2tts
