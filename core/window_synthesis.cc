#include "core/window_synthesis.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/limiter.h"

namespace m2tts {
namespace {

// A rest shorter than this is spoken with the window before it.
constexpr int64_t kMinWindowFrames = 8;

int64_t LagOf(const M2TTSModel& model) {
  const int64_t mel = std::max<int64_t>(0, model.acoustic->mel_lag()), wave = model.vocoder->context_frames();
  return wave < 0 ? -1 : mel + wave;
}

// Rows [n_i, hop] to samples, by one copy from the device.
std::vector<std::vector<float>> ToSamples(const PackedStep::Rows& waves) {
  const auto packed = (waves.size() == 1 ? waves[0] : torch::cat(waves)).to(torch::kCPU).contiguous();
  std::vector<std::vector<float>> samples;
  const float* data = packed.data_ptr<float>();
  for (const auto& wave : waves) {
    samples.emplace_back(data, data + wave.numel());
    data += wave.numel();
  }
  return samples;
}

}  // namespace

int WindowShape::SizeClass(int64_t frames) const {
  int size = first;
  while (size < frames && size < max) size = std::min(size * kGrowth, max);
  return size;
}

WindowSynthesis::WindowSynthesis(const WindowShape& shape, const M2TTSModel& model, torch::Tensor input,
                                 torch::Tensor speaker, const std::vector<int64_t>& durations, int64_t hop,
                                 double volume, PitchShift pitch)
    : shape_(shape),
      input_(std::move(input)),
      speaker_(std::move(speaker)),
      total_frames_(input_.size(0)),
      lag_(LagOf(model)),
      alone_(!model.vocoder->streams()),
      hop_(hop),
      volume_(volume),
      pitch_(std::move(pitch)),
      window_(shape.first) {
  int64_t frames = 0, samples = 0;
  for (const int64_t duration : durations) {
    frames += duration;
    phoneme_samples_.push_back(pitch_.SamplesOf(frames * hop) - samples);
    samples += phoneme_samples_.back();
  }
}

int WindowSynthesis::size_class() const {
  return alone_ ? kAlone : shape_.SizeClass(std::min<int64_t>(window_, total_frames_ - spoken_));
}

int64_t WindowSynthesis::NextEnd() const {
  const int64_t end = lag_ < 0 ? total_frames_ : spoken_ + window_ + lag_;
  return total_frames_ - end < kMinWindowFrames ? total_frames_ : end;
}

void WindowSynthesis::HalveWindow() {
  window_ = std::max(window_ / 2, 1);
}

void WindowSynthesis::AddSeconds(const StageSeconds& seconds) {
  stage_seconds_.acoustic += seconds.acoustic;
  stage_seconds_.vocoder += seconds.vocoder;
}

StatusOr<std::vector<std::vector<float>>> SpeakWindows(M2TTSModel* model,
                                                       const std::vector<WindowSynthesis*>& sentences) {
  c10::InferenceMode inference;
  const auto start = std::chrono::steady_clock::now();
  for (const WindowSynthesis* s : sentences) {
    if (s->broken_) {
      return Errorf(StatusCode::kResourceExhausted, "synthesis: out of memory, and a window was lost");
    }
  }
  const bool few_lengths = !sentences[0]->input_.is_cpu();
  // Copies: a failure below leaves the sentences as they are.
  std::vector<StreamMemory> decoders, vocoders;
  std::vector<MelStretch> stretches;
  std::vector<int64_t> ends;
  std::vector<bool> last;
  std::vector<torch::Tensor> speakers;
  PackedStep::Rows rows;
  for (const WindowSynthesis* s : sentences) {
    decoders.push_back(s->decoder_);
    vocoders.push_back(s->vocoder_);
    stretches.push_back(s->mel_);
    ends.push_back(s->NextEnd());
    last.push_back(ends.back() == s->total_frames_);
    speakers.push_back(s->speaker_);
    rows.push_back(s->input_.narrow(0, s->fed_, ends.back() - s->fed_));
  }
  const auto pointers = [](std::vector<StreamMemory>* memories) {
    std::vector<StreamMemory*> all;
    for (StreamMemory& memory : *memories) all.push_back(&memory);
    return all;
  };

  if (model->acoustic->mel_lag() >= 0) {
    PackedStep step(pointers(&decoders), last, few_lengths);
    rows = model->acoustic->DecodeStream(&step, rows, speakers);
  }
  const auto decoded = std::chrono::steady_clock::now();
  if (model->vocoder->streams()) {
    PackedStep step(pointers(&vocoders), last, few_lengths);
    rows = model->vocoder->Stream(&step, rows);
  } else {
    for (size_t i = 0; i < rows.size(); ++i) {
      rows[i] = stretches[i].Vocode(model->vocoder.get(), rows[i], last[i]);
    }
  }
  std::vector<std::vector<float>> samples = ToSamples(rows);
  M2TTS_RETURN_IF_ERROR(CheckComputed(samples));

  // Both networks have ended here on every device: the samples are in the CPU's memory. On a GPU the time
  // of the decoder is that of issuing its work.
  const std::chrono::duration<double> acoustic = decoded - start;
  const std::chrono::duration<double> vocoder = std::chrono::steady_clock::now() - decoded;
  const auto share = 1.0 / static_cast<double>(sentences.size());
  for (size_t i = 0; i < sentences.size(); ++i) {
    WindowSynthesis* const s = sentences[i];
    s->broken_ = s->pitch_.remembers();  // what has been played cannot be taken back
    M2TTS_ASSIGN_OR_RETURN(samples[i], s->pitch_.Play(std::move(samples[i]), last[i]));
    ApplyVolume(s->volume_, &samples[i]);
  }
  // Nothing fails from here on.
  for (size_t i = 0; i < sentences.size(); ++i) {
    WindowSynthesis* const s = sentences[i];
    s->broken_ = false;
    s->decoder_ = std::move(decoders[i]);
    s->vocoder_ = std::move(vocoders[i]);
    s->mel_ = std::move(stretches[i]);
    s->fed_ = ends[i];
    s->spoken_ += rows[i].size(0);
    s->window_ = std::min(s->window_ * WindowShape::kGrowth, s->shape_.max);
    s->AddSeconds({acoustic.count() * share, vocoder.count() * share});
  }
  return samples;
}

}  // namespace m2tts
