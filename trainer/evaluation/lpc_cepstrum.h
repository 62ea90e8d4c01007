// The distance between the LPC spectra of two recordings, and what it says about quality.
//
// Kitawaki, Nagabuchi and Itoh 1988, "Objective quality evaluation for low-bit-rate speech coding
// systems" (IEEE JSAC 6): the LPC cepstrum distance CD, and MOS = 0.04 CD^2 - 0.80 CD + 3.56 fitted to
// listeners' opinions of telephone speech.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "core/base/status.h"
#include "trainer/evaluation/dtw.h"

namespace m2tts {

constexpr int kLpcOrder = 10;
constexpr int kLpcRate = 8000;  // Hz: the band of a telephone

// c_1 to c_10 of the all-pole model; of a frame without sound `speech` is false.
struct LpcCepstrum {
  std::array<double, kLpcOrder> c{};
  bool speech = false;
};

// One for each `hop_seconds` of a mono wave of rate `sample_rate`, windows of 32 ms (Hamming). A frame
// more than 40 dB below the loudest has no sound.
StatusOr<std::vector<LpcCepstrum>> LpcCepstra(const std::vector<float>& wave, int sample_rate,
                                              double hop_seconds);

// CD in dB, mean over the pairs of the path in which both have sound; 0 when there is none.
double LpcCepstrumDistance(const std::vector<LpcCepstrum>& reference, const std::vector<LpcCepstrum>& system,
                           const WarpingPath& path);

// The opinion that the regression expects: 3.56 when nothing differs. nullopt where it leaves the
// scale, over 4 dB: synthesized speech that is warped in time to a recording is usually there.
std::optional<double> MosOfLpcDistance(double distance_db);

}  // namespace m2tts
