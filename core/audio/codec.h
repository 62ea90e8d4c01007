// Audio files and byte streams: strict decoding, incremental encoding, all in memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"

namespace m2tts {

// Mono or interleaved samples in [-1, 1].
struct Audio {
  int sample_rate = 0;  // Hz
  int channels = 0;
  std::vector<float> samples;  // frames * channels

  size_t frames() const { return channels > 0 ? samples.size() / channels : 0; }
  double seconds() const { return sample_rate > 0 ? static_cast<double>(frames()) / sample_rate : 0.0; }
};

// Decodes WAV, FLAC or anything else that libsndfile knows. DATA_LOSS for a damaged,
// truncated or empty file (a WAV whose data chunk is shorter than it says is truncated),
// INVALID_ARGUMENT for NaN or infinite samples; each names `source`.
StatusOr<Audio> DecodeAudio(std::string_view bytes, const std::string& source);
StatusOr<Audio> ReadAudioFile(const std::filesystem::path& path);

// The mean of the channels, resampled to `sample_rate`: what training features are made of.
StatusOr<std::vector<float>> ToMono(const Audio& audio, int sample_rate);

enum class AudioEncoding : uint8_t { kWav, kPcm16, kFlac };

// "wav", "pcm16", "flac"; INVALID_ARGUMENT naming the choices otherwise.
StatusOr<AudioEncoding> ParseAudioEncoding(std::string_view name);
std::string_view AudioEncodingName(AudioEncoding encoding);

// Incremental encoder of mono audio. One thread at a time.
class AudioEncoder {
 public:
  // sample_rate: 8000 to 48000 Hz.
  // `total_samples` is written into the WAV header; -1 when unknown: a WAV header then says
  // 0xFFFFFFFF, the usual convention of streamed WAV.
  static StatusOr<std::unique_ptr<AudioEncoder>> Create(AudioEncoding encoding, int sample_rate,
                                                        int64_t total_samples);
  virtual ~AudioEncoder() = default;

  // Appends samples in [-1, 1] (clamped; 16-bit, rounded half to even) and returns the
  // bytes that are ready (maybe none). A header comes with the first bytes.
  virtual StatusOr<std::string> Append(const float* samples, size_t count) = 0;
  // The remaining bytes; nothing may be appended after.
  virtual StatusOr<std::string> Finish() = 0;
};

// Encodes whole mono audio at once, with an exact header.
StatusOr<std::string> EncodeAudio(const std::vector<float>& samples, int sample_rate, AudioEncoding encoding);

}  // namespace m2tts
