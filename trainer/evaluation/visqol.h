// An estimate of listeners' opinions of damaged speech, from the signals alone.
//
// ViSQOL, speech mode: Hines, Skoglund, Kokaram and Harte 2015, "ViSQOL: an objective speech quality model"
// (EURASIP Journal on Audio, Speech, and Music Processing), with the constants and the map to opinions of
// version 3.3 (Chinen et al. 2020, "ViSQOL v3"):
//
//   1. both signals at 16 kHz and of equal power; windows of 80 ms every 20 ms (Hann)
//   2. levels of 21 gammatone bands, 50 Hz to 8 kHz (Slaney 1993), 45 dB deep
//   3. patches of 20 frames in which the reference speaks: NSIM, the structural similarity of images (Hines
//      and Harte 2012), over 3 x 3 neighbours
//   4. the mean of the patches, mapped to the scale by a fit to the opinions of TCD-VoIP
//
// Left out: the search for patches that a network delayed. Instead the caller may say where they are.
#pragma once

#include <functional>
#include <vector>

#include "core/base/status.h"

namespace m2tts {

// A moment of the reference -> the same moment of the other signal, in seconds.
using TimeMap = std::function<double(double)>;

// 1 (bad) to 5 (no difference). Mono, both at `sample_rate`. Without `same_moment` the two are in time with
// each other. Levels of bands are compared, not phases: damage to those is seen only where it moves levels.
// Any thread. INVALID_ARGUMENT when the reference has less than 650 ms of speech or either signal is silent.
StatusOr<double> VisqolMos(const std::vector<float>& reference, const std::vector<float>& system,
                           int sample_rate, const TimeMap& same_moment = nullptr);

}  // namespace m2tts
