#include "core/audio/sndfile_encoder.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <utility>

#include "core/audio/memory_sink.h"
#include "core/audio/open_sound.h"
#include "core/audio/pcm16.h"

namespace m2tts {
namespace {

// A player shows its first sound when it has a page.
constexpr double kPageLatencyMs = 100.0;
// libsndfile's scale from 0 (largest) to 1: 64 kbit/s to 24 kHz, 144 above.
constexpr double kMp3Compression = 0.6;
// Samples written into the pipe at a time; their MP3 (1.5 kB at most) fits any pipe.
constexpr size_t kPipeBlock = 1152;

int SndfileFormat(AudioEncoding encoding) {
  switch (encoding) {
    case AudioEncoding::kFlac:
      return SF_FORMAT_FLAC | SF_FORMAT_PCM_16;
    case AudioEncoding::kOggOpus:
      return SF_FORMAT_OGG | SF_FORMAT_OPUS;
    case AudioEncoding::kMp3:
      return SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III;
    case AudioEncoding::kMulaw:
      return SF_FORMAT_RAW | SF_FORMAT_ULAW;
    case AudioEncoding::kAlaw:
      return SF_FORMAT_RAW | SF_FORMAT_ALAW;
    default:
      return 0;
  }
}

// What all of them share; where the bytes go is up to the two below.
class SndfileEncoder : public AudioEncoder {
 public:
  explicit SndfileEncoder(AudioEncoding encoding) : encoding_(encoding) {}

  StatusOr<std::string> Finish() override {
    if (file_ == nullptr) {
      return Errorf(StatusCode::kFailedPrecondition, "{}: Finish was called twice", name());
    }
    const int error = sf_close(std::exchange(file_, nullptr));
    if (error != 0) return Internal("{}: cannot finish the file: {}", name(), sf_error_number(error));
    return Drain();
  }

 protected:
  // Everything that has been encoded and not been returned.
  virtual StatusOr<std::string> Drain() = 0;

  SF_INFO Info(int sample_rate) const {
    SF_INFO info{};
    info.samplerate = sample_rate;
    info.channels = 1;
    info.format = SndfileFormat(encoding_);
    return info;
  }

  Status OpenWith(const std::function<SNDFILE*()>& open) {
    std::string error;
    file_ = OpenSound(open, &error);
    return file_ != nullptr ? OkStatus() : Internal("{}: cannot start the encoder: {}", name(), error);
  }

  Status Write(const float* samples, size_t count) {
    const auto frames = static_cast<sf_count_t>(count);
    sf_count_t written = 0;
    if (encoding_ == AudioEncoding::kOggOpus || encoding_ == AudioEncoding::kMp3) {
      std::vector<float> clamped(count);
      for (size_t i = 0; i < count; ++i) {
        if (!std::isfinite(samples[i])) return InvalidArgument("audio: sample {} is not a finite number", i);
        clamped[i] = std::clamp(samples[i], -1.0F, 1.0F);
      }
      written = sf_writef_float(file_, clamped.data(), frames);
    } else {
      M2TTS_ASSIGN_OR_RETURN(const auto pcm, ToPcm16(samples, count));
      written = sf_writef_short(file_, pcm.data(), frames);
    }
    if (written != frames) return Internal("{}: the encoder failed: {}", name(), sf_strerror(file_));
    return OkStatus();
  }

  std::string_view name() const { return AudioEncodingName(encoding_); }

  const AudioEncoding encoding_;
  SNDFILE* file_ = nullptr;
};

class MemoryEncoder : public SndfileEncoder {
 public:
  MemoryEncoder(AudioEncoding encoding, bool hold_all) : SndfileEncoder(encoding), hold_all_(hold_all) {}
  ~MemoryEncoder() override {
    if (file_ != nullptr) sf_close(file_);
  }

  Status Open(int sample_rate) {
    SF_INFO info = Info(sample_rate);
    SF_VIRTUAL_IO io = MemorySink::Io();
    M2TTS_RETURN_IF_ERROR(OpenWith([&] { return sf_open_virtual(&io, SFM_WRITE, &info, &sink_); }));
    if (encoding_ == AudioEncoding::kOggOpus) {
      double latency = kPageLatencyMs;
      sf_command(file_, SFC_SET_OGG_PAGE_LATENCY_MS, &latency, sizeof latency);
    }
    return OkStatus();
  }

  StatusOr<std::string> Append(const float* samples, size_t count) override {
    if (file_ == nullptr) return Errorf(StatusCode::kFailedPrecondition, "{}: Append after Finish", name());
    M2TTS_RETURN_IF_ERROR(Write(samples, count));
    return hold_all_ ? std::string() : sink_.Take();
  }

 private:
  StatusOr<std::string> Drain() override { return sink_.Take(); }

  const bool hold_all_;
  MemorySink sink_;
};

class PipeEncoder : public SndfileEncoder {
 public:
  using SndfileEncoder::SndfileEncoder;
  ~PipeEncoder() override {
    if (file_ != nullptr) sf_close(file_);
    for (const int end : ends_) {
      if (end >= 0) close(end);
    }
  }

  Status Open(int sample_rate) {
    if (pipe(ends_) != 0) {
      return Errorf(StatusCode::kResourceExhausted, "{}: cannot make a pipe: {}", name(), strerror(errno));
    }
    for (const int end : ends_) fcntl(end, F_SETFD, FD_CLOEXEC);
    fcntl(ends_[0], F_SETFL, O_NONBLOCK);
    SF_INFO info = Info(sample_rate);
    M2TTS_RETURN_IF_ERROR(OpenWith([&] { return sf_open_fd(ends_[1], SFM_WRITE, &info, SF_FALSE); }));
    int mode = SF_BITRATE_MODE_CONSTANT;
    double compression = kMp3Compression;
    sf_command(file_, SFC_SET_BITRATE_MODE, &mode, sizeof mode);
    sf_command(file_, SFC_SET_COMPRESSION_LEVEL, &compression, sizeof compression);
    return OkStatus();
  }

  StatusOr<std::string> Append(const float* samples, size_t count) override {
    if (file_ == nullptr) return Errorf(StatusCode::kFailedPrecondition, "{}: Append after Finish", name());
    std::string bytes;
    for (size_t at = 0; at < count; at += kPipeBlock) {
      M2TTS_RETURN_IF_ERROR(Write(samples + at, std::min(kPipeBlock, count - at)));
      M2TTS_ASSIGN_OR_RETURN(const std::string ready, Drain());
      bytes += ready;
    }
    return bytes;
  }

 private:
  StatusOr<std::string> Drain() override {
    std::string bytes;
    char block[4096];
    while (true) {
      const ssize_t count = read(ends_[0], block, sizeof block);
      if (count > 0) {
        bytes.append(block, static_cast<size_t>(count));
      } else if (count == 0 || errno == EAGAIN) {
        return bytes;
      } else if (errno != EINTR) {
        return Internal("{}: cannot read the pipe: {}", name(), strerror(errno));
      }
    }
  }

  int ends_[2] = {-1, -1};  // to read from, to write to
};

template <typename Encoder>
StatusOr<std::unique_ptr<AudioEncoder>> Opened(std::unique_ptr<Encoder> encoder, int sample_rate) {
  M2TTS_RETURN_IF_ERROR(encoder->Open(sample_rate));
  return std::unique_ptr<AudioEncoder>(std::move(encoder));
}

}  // namespace

StatusOr<std::unique_ptr<AudioEncoder>> MakeSndfileEncoder(AudioEncoding encoding, int sample_rate,
                                                           bool hold_all) {
  if (encoding == AudioEncoding::kMp3) return Opened(std::make_unique<PipeEncoder>(encoding), sample_rate);
  return Opened(std::make_unique<MemoryEncoder>(encoding, hold_all), sample_rate);
}

}  // namespace m2tts
