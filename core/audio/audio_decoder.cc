// Decoding by libsndfile from memory, with the checks that libsndfile leaves out.
#include <sndfile.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/audio/codec.h"
#include "core/audio/open_sound.h"
#include "core/audio/resampler.h"
#include "core/base/file.h"

namespace m2tts {
namespace {

constexpr sf_count_t kBlockFrames = 1 << 15;
// 1 GiB of floats, over three hours of speech: a few bytes of FLAC can promise far more.
constexpr size_t kMaxSamples = size_t{1} << 28;
constexpr int kMaxChannels = 64;

struct MemorySource {
  std::string_view bytes;
  sf_count_t position = 0;
};

sf_count_t SourceLength(void* user) {
  return static_cast<sf_count_t>(static_cast<MemorySource*>(user)->bytes.size());
}
sf_count_t SourceSeek(sf_count_t offset, int whence, void* user) {
  auto* source = static_cast<MemorySource*>(user);
  const sf_count_t size = SourceLength(user);
  const sf_count_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? source->position : size;
  // The comparison is arranged so that a hostile offset cannot overflow.
  if (offset < -base || offset > size - base) return -1;
  return source->position = base + offset;
}
sf_count_t SourceRead(void* out, sf_count_t count, void* user) {
  auto* source = static_cast<MemorySource*>(user);
  const sf_count_t n =
      std::clamp<sf_count_t>(SourceLength(user) - source->position, 0, std::max<sf_count_t>(count, 0));
  std::memcpy(out, source->bytes.data() + source->position, static_cast<size_t>(n));
  source->position += n;
  return n;
}
sf_count_t SourceWrite(const void*, sf_count_t, void*) {
  return 0;
}
sf_count_t SourceTell(void* user) {
  return static_cast<MemorySource*>(user)->position;
}

uint32_t LittleEndian32(std::string_view bytes, size_t offset) {
  uint32_t value = 0;
  for (int i = 3; i >= 0; --i) value = (value << 8) | static_cast<unsigned char>(bytes[offset + i]);
  return value;
}

// libsndfile takes what is there when a WAV is cut short; we refuse. The size 0xFFFFFFFF of
// a streamed WAV means "to the end" and passes.
Status CheckWavIsWhole(std::string_view bytes, const std::string& source) {
  if (bytes.size() < 12 || bytes.substr(0, 4) != "RIFF" || bytes.substr(8, 4) != "WAVE") return OkStatus();
  for (size_t at = 12; at + 8 <= bytes.size();) {
    const uint64_t size = LittleEndian32(bytes, at + 4), left = bytes.size() - at - 8;
    const bool is_data = bytes.substr(at, 4) == "data";
    if (is_data && size == 0xFFFFFFFF) return OkStatus();
    if (size > left) {
      return DataLoss("{}: the WAV chunk at byte {} says {} bytes, but {} are left: the file is truncated",
                      source, at, size, left);
    }
    if (is_data) return OkStatus();
    at += 8 + size + (size & 1);  // chunks start at even offsets
  }
  return DataLoss("{}: a WAV without a data chunk", source);
}

struct SndfileCloser {
  void operator()(SNDFILE* file) const { sf_close(file); }
};

}  // namespace

StatusOr<Audio> DecodeAudio(std::string_view bytes, const std::string& source, double max_seconds) {
  if (bytes.empty()) return DataLoss("{}: the file is empty", source);
  M2TTS_RETURN_IF_ERROR(CheckWavIsWhole(bytes, source));
  MemorySource memory{bytes};
  SF_VIRTUAL_IO io{SourceLength, SourceSeek, SourceRead, SourceWrite, SourceTell};
  SF_INFO info{};
  std::string error;
  const std::unique_ptr<SNDFILE, SndfileCloser> file(
      OpenSound([&] { return sf_open_virtual(&io, SFM_READ, &info, &memory); }, &error));
  if (file == nullptr) return DataLoss("{}: cannot be read as audio: {}", source, error);
  if (info.channels < 1 || info.channels > kMaxChannels || info.samplerate < 1) {
    return DataLoss("{}: {} channels at {} Hz make no sense", source, info.channels, info.samplerate);
  }

  Audio audio{info.samplerate, info.channels, {}};
  const auto channels = static_cast<size_t>(info.channels);
  std::vector<float> block(static_cast<size_t>(kBlockFrames) * channels);
  while (true) {
    const sf_count_t frames = sf_readf_float(file.get(), block.data(), kBlockFrames);
    if (sf_error(file.get()) != SF_ERR_NO_ERROR) {
      return DataLoss("{}: damaged after frame {}: {}", source, audio.frames(), sf_strerror(file.get()));
    }
    if (frames <= 0) break;
    const size_t count = static_cast<size_t>(frames) * channels;
    if (audio.samples.size() + count > kMaxSamples) {
      return Errorf(StatusCode::kResourceExhausted, "{}: more than {} samples; split the file", source,
                    kMaxSamples);
    }
    const double seconds = static_cast<double>(audio.frames() + frames) / info.samplerate;
    if (max_seconds > 0.0 && seconds > max_seconds) {
      return Errorf(StatusCode::kOutOfRange, "{}: lasts longer than {:g} s; split the file", source,
                    max_seconds);
    }
    for (size_t i = 0; i < count; ++i) {
      if (!std::isfinite(block[i])) {
        return InvalidArgument("{}: the sample at frame {} is not a finite number", source,
                               audio.frames() + i / channels);
      }
    }
    audio.samples.insert(audio.samples.end(), block.begin(), block.begin() + static_cast<ptrdiff_t>(count));
  }
  if (audio.samples.empty()) return DataLoss("{}: holds no samples", source);
  // A streamed FLAC has an unknown length, which libsndfile reports as the largest count; that of an MP3
  // without an index is an estimate.
  const bool exact = info.frames != SF_COUNT_MAX && (info.format & SF_FORMAT_TYPEMASK) != SF_FORMAT_MPEG;
  if (exact && static_cast<sf_count_t>(audio.frames()) < info.frames) {
    return DataLoss("{}: {} frames of {} could be read: the file is truncated", source, audio.frames(),
                    info.frames);
  }
  return audio;
}

StatusOr<Audio> ReadAudioFile(const std::filesystem::path& path, double max_seconds) {
  M2TTS_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  return DecodeAudio(bytes, path.string(), max_seconds);
}

StatusOr<std::vector<float>> ToMono(const Audio& audio, int sample_rate) {
  if (audio.channels < 1) return InvalidArgument("audio: {} channels", audio.channels);
  if (audio.channels == 1) return Resample(audio.samples, audio.sample_rate, sample_rate);
  std::vector<float> mono(audio.frames());
  for (size_t i = 0; i < mono.size(); ++i) {
    double sum = 0.0;
    for (int c = 0; c < audio.channels; ++c) sum += audio.samples[i * audio.channels + c];
    mono[i] = static_cast<float>(sum / audio.channels);
  }
  return Resample(mono, audio.sample_rate, sample_rate);
}

}  // namespace m2tts
