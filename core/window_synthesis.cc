#include "core/window_synthesis.h"

#include <algorithm>
#include <chrono>

#include "core/limiter.h"

namespace m2tts {
namespace {

// A rest shorter than this is spoken with the window before it.
constexpr int64_t kMinWindowFrames = 8;

// Rows of different lengths [L_i, C], padded with zeros to [rows, length, C] on `device`.
torch::Tensor Pad(const std::vector<torch::Tensor>& rows, int64_t count, int64_t length,
                  const torch::Device& device) {
  if (rows.size() == 1 && count == 1 && rows[0].size(0) == length) return rows[0].unsqueeze(0).to(device);
  auto padded = torch::zeros({count, length, rows[0].size(1)}, rows[0].options());
  for (size_t i = 0; i < rows.size(); ++i) padded[i].narrow(0, 0, rows[i].size(0)).copy_(rows[i]);
  return padded.to(device);
}

// [rows, length, 1]: one where a row has data.
torch::Tensor PadMask(const std::vector<torch::Tensor>& rows, int64_t count, int64_t length,
                      const torch::Device& device) {
  auto mask = torch::zeros({count, length, 1});
  for (size_t i = 0; i < rows.size(); ++i) mask[i].narrow(0, 0, rows[i].size(0)).fill_(1.0);
  return mask.to(device);
}

int64_t Longest(const std::vector<torch::Tensor>& rows) {
  int64_t longest = 0;
  for (const auto& row : rows) longest = std::max(longest, row.size(0));
  return longest;
}

int64_t PowerOfTwo(int64_t count) {
  int64_t power = 1;
  while (power < count) power *= 2;
  return power;
}

// The sentences of one step, and the shapes that the device shall see.
struct Step {
  const torch::Device& device;
  const std::vector<WindowSynthesis*>& sentences;
  std::vector<WindowPlan> plans;
  int size_class = 0;

  bool fixed_shapes() const { return !device.is_cpu() && sentences[0]->shape().can_pad; }
  int64_t Rows(size_t count) const {
    return fixed_shapes() ? PowerOfTwo(static_cast<int64_t>(count)) : static_cast<int64_t>(count);
  }
  int64_t Length(int64_t longest, int64_t full) const {
    return fixed_shapes() ? std::max(longest, full) : longest;
  }
};

// Log-mel of the fresh frames of each sentence, [F, n_mels] on the CPU; undefined where none are.
std::vector<torch::Tensor> DecodeMel(M2TTSModel* model, const Step& step) {
  std::vector<size_t> members;
  std::vector<torch::Tensor> hidden, position, speakers;
  for (size_t i = 0; i < step.sentences.size(); ++i) {
    const FrameRange& range = step.plans[i].decoded;
    if (step.plans[i].fresh.size() == 0) continue;
    members.push_back(i);
    hidden.push_back(step.sentences[i]->frames().hidden[0].narrow(0, range.begin, range.size()));
    position.push_back(step.sentences[i]->frames().position[0].narrow(0, range.begin, range.size()));
    speakers.push_back(step.sentences[i]->speaker());
  }
  std::vector<torch::Tensor> fresh(step.sentences.size());
  if (members.empty()) return fresh;

  const int64_t rows = step.Rows(members.size());
  const int64_t length =
      step.Length(Longest(hidden), step.sentences[0]->shape().DecoderFrames(step.size_class));
  while (static_cast<int64_t>(speakers.size()) < rows) speakers.push_back(speakers[0]);
  const auto mel =
      model->acoustic
          ->DecodeMel(Pad(hidden, rows, length, step.device), Pad(position, rows, length, step.device),
                      PadMask(hidden, rows, length, step.device), torch::cat(speakers).to(step.device))
          .to(torch::kCPU);
  for (size_t m = 0; m < members.size(); ++m) {
    const WindowPlan& plan = step.plans[members[m]];
    fresh[members[m]] =
        mel[static_cast<int64_t>(m)].narrow(0, plan.fresh.begin - plan.decoded.begin, plan.fresh.size());
  }
  return fresh;
}

std::vector<std::vector<float>> Vocode(M2TTSModel* model, const Step& step) {
  std::vector<torch::Tensor> mels;
  for (size_t i = 0; i < step.sentences.size(); ++i) mels.push_back(step.sentences[i]->Mel(step.plans[i]));
  const int64_t rows = step.Rows(mels.size());
  const int64_t length =
      step.Length(Longest(mels), step.sentences[0]->shape().VocoderFrames(step.size_class));
  const bool padded =
      rows > static_cast<int64_t>(mels.size()) ||
      std::any_of(mels.begin(), mels.end(), [&](const auto& mel) { return mel.size(0) < length; });
  const auto mask = padded ? PadMask(mels, rows, length, step.device) : torch::Tensor();
  const auto waves = model->vocoder->forward(Pad(mels, rows, length, step.device), mask).to(torch::kCPU);

  std::vector<std::vector<float>> samples(mels.size());
  for (size_t i = 0; i < mels.size(); ++i) {
    const WindowPlan& plan = step.plans[i];
    const int64_t hop = step.sentences[i]->hop();
    const auto wave = waves[static_cast<int64_t>(i)].narrow(0, (plan.audio.begin - plan.mel.begin) * hop,
                                                            plan.audio.size() * hop);
    const auto audible = wave.contiguous();
    const float* data = audible.data_ptr<float>();
    samples[i].assign(data, data + audible.numel());
    ApplyVolume(step.sentences[i]->volume(), &samples[i]);
  }
  return samples;
}

}  // namespace

int WindowShape::SizeClass(int64_t frames) const {
  int size = first;
  while (size < frames && size < max) size = std::min(size * 2, max);
  return size;
}

int64_t WindowShape::DecoderFrames(int size_class) const {
  return size_class + kMinWindowFrames + mel_context + std::max(mel_context, vocoder_context);
}

int64_t WindowShape::VocoderFrames(int size_class) const {
  return size_class + kMinWindowFrames + 2 * vocoder_context;
}

WindowSynthesis::WindowSynthesis(const WindowShape& shape, Expanded frames, torch::Tensor speaker,
                                 const std::vector<int64_t>& durations, int64_t hop, double volume)
    : shape_(shape),
      frames_(std::move(frames)),
      speaker_(std::move(speaker)),
      total_frames_(frames_.hidden.size(1)),
      hop_(hop),
      volume_(volume),
      window_(shape.first) {
  for (const int64_t duration : durations) phoneme_samples_.push_back(duration * hop);
}

int WindowSynthesis::size_class() const {
  if (shape_.vocoder_context < 0 || shape_.mel_context < 0 || !shape_.can_pad) return kAlone;
  return shape_.SizeClass(std::min<int64_t>(window_, total_frames_ - next_frame_));
}

FrameRange WindowSynthesis::Widen(FrameRange range, int64_t context) const {
  if (context < 0) return {0, total_frames_};
  return {std::max<int64_t>(0, range.begin - context), std::min(total_frames_, range.end + context)};
}

WindowPlan WindowSynthesis::Plan() const {
  WindowPlan plan;
  plan.audio = {next_frame_, std::min(next_frame_ + window_, total_frames_)};
  if (shape_.vocoder_context < 0 || total_frames_ - plan.audio.end < kMinWindowFrames) {
    plan.audio.end = total_frames_;
  }
  plan.mel = Widen(plan.audio, shape_.vocoder_context);
  plan.fresh = {kept_.end, std::max(plan.mel.end, kept_.end)};
  if (plan.fresh.size() > 0) {
    plan.decoded = Widen(plan.fresh, shape_.mel_context);
    if (shape_.mel_context < 0) plan.fresh.end = total_frames_;
  }
  return plan;
}

void WindowSynthesis::HalveWindow() {
  window_ = std::max(window_ / 2, 1);
}

void WindowSynthesis::AddMel(const WindowPlan& plan, const torch::Tensor& mel) {
  if (plan.fresh.size() == 0) return;
  mel_ = mel_.defined() ? torch::cat({mel_, mel}, 0) : mel.clone();
  kept_.end = plan.fresh.end;
}

void WindowSynthesis::AddSeconds(const StageSeconds& seconds) {
  stage_seconds_.acoustic += seconds.acoustic;
  stage_seconds_.vocoder += seconds.vocoder;
}

torch::Tensor WindowSynthesis::Mel(const WindowPlan& plan) const {
  return mel_.narrow(0, plan.mel.begin - kept_.begin, plan.mel.size());
}

void WindowSynthesis::Advance(const WindowPlan& plan) {
  next_frame_ = plan.audio.end;
  window_ = std::min(window_ * 2, shape_.max);
  const int64_t first =
      shape_.vocoder_context < 0 ? next_frame_ : std::max<int64_t>(0, next_frame_ - shape_.vocoder_context);
  mel_ = mel_.narrow(0, first - kept_.begin, kept_.end - first).clone();
  kept_.begin = first;
}

std::vector<std::vector<float>> SpeakWindows(M2TTSModel* model, const torch::Device& device,
                                             const std::vector<WindowSynthesis*>& sentences) {
  c10::InferenceMode inference;
  Step step{device, sentences, {}, 0};
  for (const WindowSynthesis* sentence : sentences) {
    step.plans.push_back(sentence->Plan());
    step.size_class = std::max(step.size_class, sentence->size_class());
  }
  // Both stages end in the CPU's memory, so that the clock sees all of them on every device.
  const auto start = std::chrono::steady_clock::now();
  const std::vector<torch::Tensor> fresh = DecodeMel(model, step);
  for (size_t i = 0; i < sentences.size(); ++i) sentences[i]->AddMel(step.plans[i], fresh[i]);
  const auto decoded = std::chrono::steady_clock::now();
  std::vector<std::vector<float>> samples = Vocode(model, step);
  const std::chrono::duration<double> acoustic = decoded - start;
  const std::chrono::duration<double> vocoder = std::chrono::steady_clock::now() - decoded;
  const auto share = 1.0 / static_cast<double>(sentences.size());
  for (size_t i = 0; i < sentences.size(); ++i) {
    sentences[i]->Advance(step.plans[i]);
    sentences[i]->AddSeconds({acoustic.count() * share, vocoder.count() * share});
  }
  return samples;
}

}  // namespace m2tts
