#include "core/audio/flac_encoder.h"

#include <sndfile.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/audio/pcm16.h"

namespace m2tts {
namespace {

// A growing file in memory whose first `taken` bytes have been handed out for good.
struct MemorySink {
  std::string bytes;  // from file offset `taken` on
  sf_count_t taken = 0;
  sf_count_t position = 0;

  sf_count_t size() const { return taken + static_cast<sf_count_t>(bytes.size()); }

  void Write(const char* data, sf_count_t count) {
    const sf_count_t gone = std::clamp<sf_count_t>(taken - position, 0, count);
    const size_t offset = static_cast<size_t>(position + gone - taken);
    if (gone < count) {
      bytes.resize(std::max(bytes.size(), offset + static_cast<size_t>(count - gone)));
      std::memcpy(bytes.data() + offset, data + gone, static_cast<size_t>(count - gone));
    }
    position += count;
  }

  std::string Take() {
    taken += static_cast<sf_count_t>(bytes.size());
    return std::exchange(bytes, {});
  }
};

sf_count_t SinkLength(void* user) {
  return static_cast<MemorySink*>(user)->size();
}
sf_count_t SinkSeek(sf_count_t offset, int whence, void* user) {
  auto* sink = static_cast<MemorySink*>(user);
  const sf_count_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? sink->position : sink->size();
  if (base + offset < 0 || base + offset > sink->size()) return -1;
  return sink->position = base + offset;
}
sf_count_t SinkRead(void*, sf_count_t, void*) {
  return 0;
}  // an encoder never reads
sf_count_t SinkWrite(const void* data, sf_count_t count, void* user) {
  static_cast<MemorySink*>(user)->Write(static_cast<const char*>(data), count);
  return count;
}
sf_count_t SinkTell(void* user) {
  return static_cast<MemorySink*>(user)->position;
}

class FlacEncoder : public AudioEncoder {
 public:
  explicit FlacEncoder(bool hold_all) : hold_all_(hold_all) {}
  ~FlacEncoder() override {
    if (file_ != nullptr) sf_close(file_);
  }

  Status Open(int sample_rate) {
    SF_INFO info{};
    info.samplerate = sample_rate;
    info.channels = 1;
    info.format = SF_FORMAT_FLAC | SF_FORMAT_PCM_16;
    SF_VIRTUAL_IO io{SinkLength, SinkSeek, SinkRead, SinkWrite, SinkTell};
    file_ = sf_open_virtual(&io, SFM_WRITE, &info, &sink_);
    if (file_ == nullptr) return Internal("flac: cannot start the encoder: {}", sf_strerror(nullptr));
    return OkStatus();
  }

  StatusOr<std::string> Append(const float* samples, size_t count) override {
    if (file_ == nullptr) return Errorf(StatusCode::kFailedPrecondition, "flac: Append after Finish");
    M2TTS_ASSIGN_OR_RETURN(const auto pcm, ToPcm16(samples, count));
    const auto frames = static_cast<sf_count_t>(count);
    if (sf_writef_short(file_, pcm.data(), frames) != frames) {
      return Internal("flac: the encoder failed: {}", sf_strerror(file_));
    }
    return hold_all_ ? std::string() : sink_.Take();
  }

  StatusOr<std::string> Finish() override {
    if (file_ == nullptr) return Errorf(StatusCode::kFailedPrecondition, "flac: Finish was called twice");
    const int error = sf_close(std::exchange(file_, nullptr));
    if (error != 0) return Internal("flac: cannot finish the file: {}", sf_error_number(error));
    return sink_.Take();
  }

 private:
  const bool hold_all_;
  MemorySink sink_;
  SNDFILE* file_ = nullptr;
};

}  // namespace

StatusOr<std::unique_ptr<AudioEncoder>> MakeFlacEncoder(int sample_rate, bool hold_all) {
  auto encoder = std::make_unique<FlacEncoder>(hold_all);
  M2TTS_RETURN_IF_ERROR(encoder->Open(sample_rate));
  return encoder;
}

}  // namespace m2tts
