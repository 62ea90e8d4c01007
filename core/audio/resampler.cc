#include "core/audio/resampler.h"

#include <soxr.h>

#include <algorithm>

namespace m2tts {
namespace {

constexpr int kMinRate = 1000;
constexpr int kMaxRate = 768000;
constexpr size_t kTailBlock = 4096;

}  // namespace

struct Resampler::Impl {
  ~Impl() { soxr_delete(soxr); }

  // round(in * to / from).
  uint64_t Wanted() const { return (2 * in * to + from) / (2 * from); }

  soxr_t soxr = nullptr;  // null when the rates are equal
  uint64_t from = 0, to = 0;
  uint64_t in = 0, out = 0;  // samples so far
  bool finished = false;
};

Resampler::Resampler() : impl_(std::make_unique<Impl>()) {}
Resampler::~Resampler() = default;

StatusOr<std::unique_ptr<Resampler>> Resampler::Create(int from_rate, int to_rate) {
  for (const int rate : {from_rate, to_rate}) {
    if (rate < kMinRate || rate > kMaxRate) {
      return InvalidArgument("sample_rate: {} Hz is outside [{}, {}]", rate, kMinRate, kMaxRate);
    }
  }
  std::unique_ptr<Resampler> resampler(new Resampler);
  Impl& impl = *resampler->impl_;
  impl.from = static_cast<uint64_t>(from_rate);
  impl.to = static_cast<uint64_t>(to_rate);
  if (from_rate != to_rate) {
    soxr_error_t error = nullptr;
    const auto io = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I);
    const auto quality = soxr_quality_spec(SOXR_HQ, 0);
    impl.soxr = soxr_create(from_rate, to_rate, 1, &error, &io, &quality, nullptr);
    if (error != nullptr) return Internal("resampler from {} to {} Hz: {}", from_rate, to_rate, error);
  }
  return resampler;
}

StatusOr<std::vector<float>> Resampler::Process(const float* samples, size_t count) {
  Impl& impl = *impl_;
  if (impl.finished) return Errorf(StatusCode::kFailedPrecondition, "resampler: Process after Finish");
  impl.in += count;
  if (impl.soxr == nullptr) return std::vector<float>(samples, samples + count);
  // Null input would tell soxr that the signal has ended.
  if (count == 0) return std::vector<float>();

  std::vector<float> result;
  for (size_t used = 0; used < count;) {
    const size_t old_size = result.size();
    const size_t room = static_cast<size_t>((count - used) * impl.to / impl.from) + kTailBlock;
    result.resize(old_size + room);
    size_t taken = 0, made = 0;
    const auto error =
        soxr_process(impl.soxr, samples + used, count - used, &taken, result.data() + old_size, room, &made);
    if (error != nullptr) return Internal("resampler: {}", error);
    result.resize(old_size + made);
    used += taken;
  }
  impl.out += result.size();
  return result;
}

StatusOr<std::vector<float>> Resampler::Process(std::vector<float> samples) {
  if (impl_->soxr != nullptr || impl_->finished) return Process(samples.data(), samples.size());
  impl_->in += samples.size();
  return samples;
}

StatusOr<std::vector<float>> Resampler::Finish() {
  Impl& impl = *impl_;
  if (impl.finished) return Errorf(StatusCode::kFailedPrecondition, "resampler: Finish was called twice");
  impl.finished = true;
  std::vector<float> tail;
  if (impl.soxr == nullptr) return tail;
  while (true) {
    const size_t old_size = tail.size();
    tail.resize(old_size + kTailBlock);
    size_t made = 0;
    const auto error =
        soxr_process(impl.soxr, nullptr, 0, nullptr, tail.data() + old_size, kTailBlock, &made);
    if (error != nullptr) return Internal("resampler: {}", error);
    tail.resize(old_size + made);
    if (made == 0) break;
  }
  // soxr's own count may differ by one from the rounded one.
  tail.resize(static_cast<size_t>(std::max(impl.Wanted(), impl.out) - impl.out), 0.0f);
  return tail;
}

StatusOr<std::vector<float>> Resample(const std::vector<float>& samples, int from_rate, int to_rate) {
  M2TTS_ASSIGN_OR_RETURN(const auto resampler, Resampler::Create(from_rate, to_rate));
  M2TTS_ASSIGN_OR_RETURN(std::vector<float> result, resampler->Process(samples.data(), samples.size()));
  M2TTS_ASSIGN_OR_RETURN(const std::vector<float> tail, resampler->Finish());
  result.insert(result.end(), tail.begin(), tail.end());
  return result;
}

}  // namespace m2tts
