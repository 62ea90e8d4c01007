#include "trainer/data/features.h"

#include <algorithm>
#include <cmath>

#include "core/audio/codec.h"
#include "core/audio/loudness.h"
#include "core/audio/mel.h"
#include "core/audio/pitch.h"
#include "core/device/guard.h"

namespace m2tts {
namespace {

constexpr double kKeepSeconds = 0.1;      // of silence at each end
constexpr double kSilenceBelow = 0.0056;  // -45 dB of the loudest 10 ms

// The samples [first, second) without silence at both ends; {0, 0} when all is silence.
std::pair<size_t, size_t> SoundRange(const std::vector<float>& wave, int sample_rate) {
  const size_t block = sample_rate / 100;
  const size_t blocks = wave.size() / block;
  std::vector<double> level(blocks);
  for (size_t b = 0; b < blocks; ++b) {
    double sum = 0.0;
    for (size_t i = b * block; i < (b + 1) * block; ++i) sum += static_cast<double>(wave[i]) * wave[i];
    level[b] = std::sqrt(sum / block);
  }
  const double loudest = blocks > 0 ? *std::max_element(level.begin(), level.end()) : 0.0;
  const auto audible = [&](double l) { return l > loudest * kSilenceBelow; };
  const auto first = std::find_if(level.begin(), level.end(), audible);
  const auto last = std::find_if(level.rbegin(), level.rend(), audible);
  if (first == level.end()) return {0, 0};
  const auto keep = static_cast<size_t>(kKeepSeconds * sample_rate);
  const size_t begin = (first - level.begin()) * block;
  const size_t end = wave.size() - (last - level.rbegin()) * block;
  return {begin > keep ? begin - keep : 0, std::min(wave.size(), end + keep)};
}

// ln F0 with linear interpolation over unvoiced stretches.
std::vector<float> ContinuousLogPitch(const std::vector<float>& hertz, size_t frames) {
  std::vector<float> log_pitch(frames, 0.0f);
  int64_t previous = -1;
  for (size_t t = 0; t < std::min(frames, hertz.size()); ++t) {
    if (hertz[t] <= 0.0f) continue;
    log_pitch[t] = std::log(hertz[t]);
    const float from = previous < 0 ? log_pitch[t] : log_pitch[previous];
    for (int64_t gap = previous + 1; gap < static_cast<int64_t>(t); ++gap) {
      const float share = static_cast<float>(gap - previous) / static_cast<float>(t - previous);
      log_pitch[gap] = from + (log_pitch[t] - from) * share;
    }
    previous = static_cast<int64_t>(t);
  }
  if (previous >= 0) std::fill(log_pitch.begin() + previous + 1, log_pitch.end(), log_pitch[previous]);
  return log_pitch;
}

// Scales the sound to `lufs`, or as far as full scale allows.
Status BringTo(double lufs, int sample_rate, const std::string& source, std::vector<float>* wave) {
  constexpr double kLoudnessBlock = 0.4;  // seconds that are measured at once
  std::vector<float> heard = *wave;       // what is shorter than a block counts as if it went on
  while (static_cast<double>(heard.size()) < kLoudnessBlock * sample_rate) {
    heard.insert(heard.end(), wave->begin(), wave->end());
  }
  const auto measured = IntegratedLoudness(heard, sample_rate);
  if (!measured.ok()) {
    return Errorf(StatusCode::kOutOfRange, "{}: the sound is too soft to be brought to {} LUFS", source,
                  lufs);
  }
  const auto louder = [](float a, float b) { return std::abs(a) < std::abs(b); };
  const double peak = std::abs(*std::max_element(wave->begin(), wave->end(), louder));
  const double gain = std::min(std::pow(10.0, (lufs - *measured) / 20.0), 1.0 / peak);
  for (float& sample : *wave) sample = static_cast<float>(gain * sample);
  return OkStatus();
}

// The part of a recording that is learned from.
StatusOr<std::vector<float>> SoundOf(const std::string& audio_bytes, const std::string& source,
                                     const AudioConfig& audio, std::optional<double> loudness) {
  M2TTS_ASSIGN_OR_RETURN(const Audio decoded, DecodeAudio(audio_bytes, source, kMaxRecordingSeconds));
  M2TTS_ASSIGN_OR_RETURN(const std::vector<float> whole, ToMono(decoded, audio.sample_rate));
  const auto [first, last] = SoundRange(whole, audio.sample_rate);
  const double seconds = static_cast<double>(last - first) / audio.sample_rate;
  if (last - first <= static_cast<size_t>(audio.n_fft)) {
    return Errorf(StatusCode::kOutOfRange,
                  "{}: {:.2f} s of sound after trimming silence; too short to learn from", source, seconds);
  }
  if (seconds > kMaxSoundSeconds) {
    return Errorf(StatusCode::kOutOfRange, "{}: {:.2f} s of sound; more than {} s are too long to learn from",
                  source, seconds, kMaxSoundSeconds);
  }
  std::vector<float> wave(whole.begin() + first, whole.begin() + last);
  if (loudness.has_value()) M2TTS_RETURN_IF_ERROR(BringTo(*loudness, audio.sample_rate, source, &wave));
  return wave;
}

}  // namespace

torch::Tensor FrameEnergy(const torch::Tensor& log_mel) {
  return 0.5 * torch::logsumexp(2.0 * log_mel, 1);
}

StatusOr<SoundSpan> FindSound(const std::string& audio_bytes, const std::string& source,
                              const AudioConfig& audio) {
  M2TTS_ASSIGN_OR_RETURN(const Audio decoded, DecodeAudio(audio_bytes, source, kMaxRecordingSeconds));
  M2TTS_ASSIGN_OR_RETURN(const std::vector<float> wave, ToMono(decoded, audio.sample_rate));
  const double rate = audio.sample_rate;
  return SoundSpan{static_cast<double>(SoundRange(wave, audio.sample_rate).first) / rate,
                   static_cast<double>(wave.size()) / rate};
}

StatusOr<ClipFeatures> ComputeFeatures(const std::string& audio_bytes, const std::string& source,
                                       const AudioConfig& audio, std::optional<double> loudness) {
  return Guard(source, [&]() -> StatusOr<ClipFeatures> {
    M2TTS_ASSIGN_OR_RETURN(std::vector<float> wave, SoundOf(audio_bytes, source, audio, loudness));
    const int64_t hop = audio.hop_length;
    const int64_t frames = (static_cast<int64_t>(wave.size()) + hop - 1) / hop;
    wave.resize(frames * hop, 0.0f);
    torch::NoGradGuard no_grad;
    const auto samples = torch::tensor(wave);
    const MelSpectrogram mel(audio, torch::kFloat64);
    const auto log_mel = mel(samples.to(torch::kFloat64).unsqueeze(0)).squeeze(0).narrow(1, 0, frames).t();
    ClipFeatures features;
    features.mel = log_mel.to(torch::kFloat32).contiguous();
    features.energy = FrameEnergy(log_mel).to(torch::kFloat32);
    features.log_pitch = torch::tensor(ContinuousLogPitch(EstimatePitch(wave, audio), frames));
    features.audio = (samples.clamp(-1, 1) * 32767.0).round().to(torch::kInt16);
    return features;
  });
}

}  // namespace m2tts
