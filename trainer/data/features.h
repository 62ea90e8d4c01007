// What training needs of one clip: trimmed audio, log-mel, pitch and energy.
#pragma once

#include <torch/torch.h>

#include <optional>
#include <string>

#include "core/audio/audio_config.h"
#include "core/base/status.h"

namespace m2tts {

struct ClipFeatures {
  torch::Tensor mel;  // float32 [F, n_mels], natural log
  torch::Tensor
      log_pitch;  // float32 [F]: ln F0 in Hz, interpolated where unvoiced; 0 everywhere if never voiced
  torch::Tensor energy;  // float32 [F]: of FrameEnergy
  torch::Tensor audio;   // int16 [F * hop]
  int64_t frames() const { return mel.size(0); }
};

// Loudness of each frame: the natural log of the norm of its magnitudes (FastSpeech 2, Ren et al. 2021; there
// of the linear spectrum, here of the mel bands, which follow the ear). log_mel: [F, n_mels], natural
// log -> [F].
torch::Tensor FrameEnergy(const torch::Tensor& log_mel);

// Where ComputeFeatures finds sound in a recording, in seconds of the recording.
struct SoundSpan {
  double begin = 0.0;
  double total = 0.0;  // length of the recording
};
StatusOr<SoundSpan> FindSound(const std::string& audio_bytes, const std::string& source,
                              const AudioConfig& audio);

// The memory for features grows with the sound; DataConfig::max_seconds does not go beyond.
inline constexpr double kMaxSoundSeconds = 60.0;

// Of a whole recording, silence included: more is not decoded.
inline constexpr double kMaxRecordingSeconds = 900.0;

// Decodes, resamples, trims silence at both ends to at most 0.1 s, and computes features. Audio is padded
// with zeros to whole frames. With `loudness` (LUFS) all is scaled to that, but never so far that a sample is
// beyond full scale.
//
// OUT_OF_RANGE when the sound cannot be learned from: no more than n_fft samples, more than kMaxSoundSeconds
// (kMaxRecordingSeconds with its silence), or nothing above -70 LUFS to scale. Else the errors of decoding.
StatusOr<ClipFeatures> ComputeFeatures(const std::string& audio_bytes, const std::string& source,
                                       const AudioConfig& audio,
                                       std::optional<double> loudness = std::nullopt);

}  // namespace m2tts
