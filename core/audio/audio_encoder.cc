// WAV and raw samples, and the choice of the encoder.
#include <cstring>
#include <utility>

#include "core/audio/codec.h"
#include "core/audio/pcm16.h"
#include "core/audio/sndfile_encoder.h"

namespace m2tts {
namespace {

constexpr int64_t kWavHeaderBytes = 44;
constexpr uint32_t kUnknownSize = 0xFFFFFFFF;

void PutLittleEndian(std::string* out, uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out->push_back(static_cast<char>((value >> (8 * i)) & 0xFF));
}

// The samples as 16-bit or 32-bit words, at the end of `out`.
template <typename Word, typename Sample>
void AppendWords(const Sample* samples, size_t count, std::string* out) {
  static_assert(sizeof(Word) == sizeof(Sample), "a sample is a word");
  if (count == 0) return;  // samples may be null then
  const size_t begin = out->size();
  out->resize(begin + sizeof(Word) * count);
  char* byte = out->data() + begin;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  std::memcpy(byte, samples, sizeof(Word) * count);
#else
  for (size_t i = 0; i < count; ++i) {
    Word word;
    std::memcpy(&word, &samples[i], sizeof(word));
    for (size_t k = 0; k < sizeof(Word); ++k) *byte++ = static_cast<char>(word >> (8 * k));
  }
#endif
}

// Mono 16-bit PCM.
std::string WavHeader(int sample_rate, int64_t total_samples) {
  const bool known = total_samples >= 0;
  const auto data_bytes = static_cast<uint32_t>(2 * total_samples);
  std::string header = "RIFF";
  PutLittleEndian(&header, known ? data_bytes + kWavHeaderBytes - 8 : kUnknownSize, 4);
  header += "WAVEfmt ";
  PutLittleEndian(&header, 16, 4);               // bytes of this chunk
  PutLittleEndian(&header, 1, 2);                // PCM
  PutLittleEndian(&header, 1, 2);                // channels
  PutLittleEndian(&header, sample_rate, 4);      // frames per second
  PutLittleEndian(&header, 2 * sample_rate, 4);  // bytes per second
  PutLittleEndian(&header, 2, 2);                // bytes per frame
  PutLittleEndian(&header, 16, 2);               // bits per sample
  header += "data";
  PutLittleEndian(&header, known ? data_bytes : kUnknownSize, 4);
  return header;
}

// 16-bit little-endian samples, after `header`.
class PcmEncoder : public AudioEncoder {
 public:
  PcmEncoder(std::string header, int64_t total_samples)
      : pending_(std::move(header)), total_samples_(total_samples) {}

  StatusOr<std::string> Append(const float* samples, size_t count) override {
    if (finished_) return Errorf(StatusCode::kFailedPrecondition, "audio encoder: Append after Finish");
    M2TTS_ASSIGN_OR_RETURN(const auto pcm, ToPcm16(samples, count));
    appended_ += static_cast<int64_t>(count);
    if (total_samples_ >= 0 && appended_ > total_samples_) return WrongTotal();
    std::string bytes = std::exchange(pending_, {});
    AppendWords<uint16_t>(pcm.data(), pcm.size(), &bytes);
    return bytes;
  }

  StatusOr<std::string> Finish() override {
    if (finished_) return Errorf(StatusCode::kFailedPrecondition, "audio encoder: Finish was called twice");
    finished_ = true;
    if (total_samples_ >= 0 && appended_ != total_samples_) return WrongTotal();
    return std::exchange(pending_, {});
  }

 private:
  Status WrongTotal() const {
    return Internal("audio encoder: {} samples came, the header says {}", appended_, total_samples_);
  }

  std::string pending_;
  const int64_t total_samples_;
  int64_t appended_ = 0;
  bool finished_ = false;
};

// 32-bit little-endian floats.
class FloatEncoder : public AudioEncoder {
 public:
  StatusOr<std::string> Append(const float* samples, size_t count) override {
    if (finished_) return Errorf(StatusCode::kFailedPrecondition, "audio encoder: Append after Finish");
    M2TTS_RETURN_IF_ERROR(CheckFinite(samples, count));
    std::string bytes;
    AppendWords<uint32_t>(samples, count, &bytes);
    return bytes;
  }

  StatusOr<std::string> Finish() override {
    if (finished_) return Errorf(StatusCode::kFailedPrecondition, "audio encoder: Finish was called twice");
    finished_ = true;
    return std::string();
  }

 private:
  bool finished_ = false;
};

StatusOr<std::unique_ptr<AudioEncoder>> MakeEncoder(AudioEncoding encoding, int sample_rate,
                                                    int64_t total_samples, bool hold_all) {
  M2TTS_RETURN_IF_ERROR(CheckSampleRate(encoding, sample_rate));
  switch (encoding) {
    case AudioEncoding::kWav:
      if (total_samples > (int64_t{kUnknownSize} - kWavHeaderBytes) / 2) {
        return InvalidArgument("wav: {} samples exceed the 4 GiB of the format; use flac or pcm16",
                               total_samples);
      }
      return std::make_unique<PcmEncoder>(WavHeader(sample_rate, total_samples), total_samples);
    case AudioEncoding::kPcm16:
      return std::make_unique<PcmEncoder>("", -1);
    case AudioEncoding::kPcmF32:
      return std::make_unique<FloatEncoder>();
    case AudioEncoding::kFlac:
    case AudioEncoding::kOggOpus:
    case AudioEncoding::kMp3:
    case AudioEncoding::kMulaw:
    case AudioEncoding::kAlaw:
      return MakeSndfileEncoder(encoding, sample_rate, hold_all);
  }
  return InvalidArgument("encoding: unknown value {}", static_cast<int>(encoding));
}

}  // namespace

StatusOr<std::unique_ptr<AudioEncoder>> AudioEncoder::Create(AudioEncoding encoding, int sample_rate,
                                                             int64_t total_samples) {
  return MakeEncoder(encoding, sample_rate, total_samples, /*hold_all=*/false);
}

StatusOr<std::string> EncodeAudio(const std::vector<float>& samples, int sample_rate,
                                  AudioEncoding encoding) {
  const auto total = static_cast<int64_t>(samples.size());
  M2TTS_ASSIGN_OR_RETURN(const auto encoder, MakeEncoder(encoding, sample_rate, total, /*hold_all=*/true));
  M2TTS_ASSIGN_OR_RETURN(std::string bytes, encoder->Append(samples.data(), samples.size()));
  M2TTS_ASSIGN_OR_RETURN(const std::string tail, encoder->Finish());
  return bytes + tail;
}

}  // namespace m2tts
