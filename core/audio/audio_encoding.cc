// The encodings: their names, and the sample rates that each of them has.
#include <fmt/ranges.h>

#include <algorithm>

#include "core/audio/codec.h"

namespace m2tts {

const std::vector<AudioEncoding>& AllAudioEncodings() {
  static const auto* const kAll = new std::vector<AudioEncoding>{
      AudioEncoding::kWav,     AudioEncoding::kPcm16, AudioEncoding::kFlac,  AudioEncoding::kPcmF32,
      AudioEncoding::kOggOpus, AudioEncoding::kMp3,   AudioEncoding::kMulaw, AudioEncoding::kAlaw};
  return *kAll;
}

std::string_view AudioEncodingName(AudioEncoding encoding) {
  switch (encoding) {
    case AudioEncoding::kWav:
      return "wav";
    case AudioEncoding::kPcm16:
      return "pcm16";
    case AudioEncoding::kFlac:
      return "flac";
    case AudioEncoding::kPcmF32:
      return "f32";
    case AudioEncoding::kOggOpus:
      return "opus";
    case AudioEncoding::kMp3:
      return "mp3";
    case AudioEncoding::kMulaw:
      return "mulaw";
    case AudioEncoding::kAlaw:
      return "alaw";
  }
  return "unknown";
}

StatusOr<AudioEncoding> ParseAudioEncoding(std::string_view name) {
  std::vector<std::string_view> names;
  for (const AudioEncoding encoding : AllAudioEncodings()) {
    names.push_back(AudioEncodingName(encoding));
    if (name == names.back()) return encoding;
  }
  return InvalidArgument("encoding: '{}' is not one of {}", name, fmt::join(names, ", "));
}

const std::vector<int>& SampleRatesOf(AudioEncoding encoding) {
  static const auto* const kAny = new std::vector<int>{};
  static const auto* const kOpus = new std::vector<int>{8000, 12000, 16000, 24000, 48000};
  // MPEG-1, MPEG-2 and MPEG-2.5.
  static const auto* const kMpeg =
      new std::vector<int>{8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000};
  if (encoding == AudioEncoding::kOggOpus) return *kOpus;
  return encoding == AudioEncoding::kMp3 ? *kMpeg : *kAny;
}

Status CheckSampleRate(AudioEncoding encoding, int sample_rate) {
  const std::vector<int>& rates = SampleRatesOf(encoding);
  if (rates.empty()) {
    if (sample_rate >= kMinSampleRate && sample_rate <= kMaxSampleRate) return OkStatus();
    return InvalidArgument("{} Hz is outside [{}, {}]", sample_rate, kMinSampleRate, kMaxSampleRate);
  }
  if (std::find(rates.begin(), rates.end(), sample_rate) != rates.end()) return OkStatus();
  return InvalidArgument("{} Hz is not possible with {}, which has {} Hz", sample_rate,
                         AudioEncodingName(encoding), fmt::join(rates, ", "));
}

int DefaultSampleRate(AudioEncoding encoding, int source_rate) {
  constexpr int kTelephoneRate = 8000;
  if (encoding == AudioEncoding::kMulaw || encoding == AudioEncoding::kAlaw) return kTelephoneRate;
  const std::vector<int>& rates = SampleRatesOf(encoding);
  if (rates.empty()) return std::clamp(source_rate, kMinSampleRate, kMaxSampleRate);
  const auto found = std::lower_bound(rates.begin(), rates.end(), source_rate);
  return found == rates.end() ? rates.back() : *found;
}

}  // namespace m2tts
