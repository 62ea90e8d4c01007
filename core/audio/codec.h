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
// INVALID_ARGUMENT for NaN or infinite samples, OUT_OF_RANGE for one that lasts longer than `max_seconds`
// (0: any), of which no more is decoded; each names `source`.
StatusOr<Audio> DecodeAudio(std::string_view bytes, const std::string& source, double max_seconds = 0.0);
StatusOr<Audio> ReadAudioFile(const std::filesystem::path& path, double max_seconds = 0.0);

// The mean of the channels, resampled to `sample_rate`: what training features are made of.
StatusOr<std::vector<float>> ToMono(const Audio& audio, int sample_rate);

enum class AudioEncoding : uint8_t {
  kWav,      // 16-bit PCM in RIFF
  kPcm16,    // 16-bit little-endian PCM, no header
  kFlac,     // 16 bits
  kPcmF32,   // 32-bit little-endian IEEE floats, no header; samples pass unchanged
  kOggOpus,  // RFC 7845, a page every 100 ms at the latest
  kMp3,      // constant bit rate: its players know the time without an index
  kMulaw,    // ITU-T G.711, a byte a sample, no header
  kAlaw,     // likewise
};

// "wav", "pcm16", "flac", "f32", "opus", "mp3", "mulaw", "alaw"; INVALID_ARGUMENT naming the choices
// otherwise.
StatusOr<AudioEncoding> ParseAudioEncoding(std::string_view name);
std::string_view AudioEncodingName(AudioEncoding encoding);
const std::vector<AudioEncoding>& AllAudioEncodings();

// The rates that an encoding has, Hz, ascending; empty: any from kMinSampleRate to kMaxSampleRate.
const std::vector<int>& SampleRatesOf(AudioEncoding encoding);
inline constexpr int kMinSampleRate = 8000;
inline constexpr int kMaxSampleRate = 48000;
// INVALID_ARGUMENT naming the rate, the encoding and what it allows.
Status CheckSampleRate(AudioEncoding encoding, int sample_rate);
// What audio of `source_rate` is encoded at when nobody says: its own rate where the encoding has it, else
// the next higher one (the highest, if there is none); 8000 Hz, that of telephones, for mu-law and A-law.
int DefaultSampleRate(AudioEncoding encoding, int source_rate);

// Incremental encoder of mono audio. One thread at a time. What is decoded from its bytes does not depend on
// how the samples were cut into calls of Append. Lossy codecs delay the audio: Opus says so in its header, so
// that decoders take it back; MP3 decodes to 1105 samples more at the beginning.
class AudioEncoder {
 public:
  // INVALID_ARGUMENT for a rate that the encoding does not have.
  // `total_samples` is written into the WAV header; -1 when unknown: a WAV header then says
  // 0xFFFFFFFF, the usual convention of streamed WAV.
  static StatusOr<std::unique_ptr<AudioEncoder>> Create(AudioEncoding encoding, int sample_rate,
                                                        int64_t total_samples);
  virtual ~AudioEncoder() = default;

  // Appends samples in [-1, 1] (clamped but for floats; 16-bit, rounded half to even) and returns
  // the bytes that are ready (maybe none). A header comes with the first bytes.
  virtual StatusOr<std::string> Append(const float* samples, size_t count) = 0;
  // The remaining bytes; nothing may be appended after.
  virtual StatusOr<std::string> Finish() = 0;
};

// Encodes whole mono audio at once, with an exact header.
StatusOr<std::string> EncodeAudio(const std::vector<float>& samples, int sample_rate, AudioEncoding encoding);

}  // namespace m2tts
