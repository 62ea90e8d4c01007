// How far a synthesized sentence is from a recording of the same words, frame by frame.
#pragma once

#include <optional>
#include <vector>

#include "core/audio/audio_config.h"
#include "core/base/status.h"
#include "trainer/evaluation/dtw.h"

namespace m2tts {

// Sums of squares over frame pairs, so that sentences can be added up.
struct PitchDistance {
  double squared_hz = 0;
  double squared_cents = 0;  // 1200 log2 of the ratio
  size_t voiced_pairs = 0;   // both voiced
  size_t unequal_pairs = 0;  // one voiced, the other not
  size_t pairs = 0;

  // Missing where no pair is voiced in both: nothing was compared.
  std::optional<double> rmse_hz() const;
  std::optional<double> rmse_cents() const;
  double voicing_error() const { return pairs > 0 ? static_cast<double>(unequal_pairs) / pairs : 0.0; }
  PitchDistance& operator+=(const PitchDistance& other);
};

// f0 in Hz per frame, 0 = unvoiced. A pair outside either contour counts as unvoiced there.
PitchDistance ComparePitch(const std::vector<float>& reference, const std::vector<float>& system,
                           const WarpingPath& path);

struct AcousticDistance {
  double mcd_db = 0;                   // mean over the path
  double mel_distance_db = 0;          // mean absolute difference of the mel bands' levels over the path
  std::optional<double> mos_estimate;  // ViSQOL (visqol.h); missing where there is too little speech
  PitchDistance pitch;
  double reference_seconds = 0;  // both without the silence at the ends
  double system_seconds = 0;
};

// What CompareAcoustics says of a recording before it compares anything.
Status CheckRecording(const std::vector<float>& recording, const AudioConfig& audio);

// Both mono, at audio.sample_rate. Silence at the ends is trimmed, then frames are paired by
// time warping on mel cepstra; pitch is compared over the same path. INVALID_ARGUMENT, naming the
// side, when less than 50 ms of sound are left. Any thread.
// aligned: the two are in time with each other, and ViSQOL compares them so; otherwise along the path.
StatusOr<AcousticDistance> CompareAcoustics(const std::vector<float>& reference,
                                            const std::vector<float>& system, const AudioConfig& audio,
                                            bool aligned = false);

}  // namespace m2tts
