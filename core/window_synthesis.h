// One sentence on its way from frames of hidden states to audio, in windows; and the step that
// computes the next windows of several sentences at once.
//
// A window of audio needs the mel of the frames in it and of the vocoder's context on both sides,
// and that mel needs the decoder's context on both sides again. A sentence therefore keeps a short
// stretch of mel between windows, and computes every frame of mel once.
//
// Several sentences, one batch (SpeakWindows):
//   1. each says which frames it has to decode, and they are padded to one length
//   2. the mel decoder runs once, and each keeps what is new to it
//   3. the stretches of mel around the windows are padded to one length
//   4. the vocoder runs once, and each gets its own samples back
// Padding is masked inside the network, so that a window is the same in any company (within 1e-4).
// On the CPU a batch is as long as its longest window. Elsewhere lengths are rounded up to those of
// a full window of its size class and the batch to a power of two, since MPS and CUDA prepare a
// graph or a plan per shape. Bookkeeping stays in the CPU's memory: one copy to the device and one
// back per network.
//
// Not thread-safe; several threads may speak different sentences of one model on the CPU.
#pragma once

#include <torch/torch.h>

#include <vector>

#include "core/base/status.h"
#include "core/model/m2tts_model.h"
#include "core/synthesizer.h"

namespace m2tts {

// Frames [begin, end) of a sentence.
struct FrameRange {
  int64_t begin = 0;
  int64_t end = 0;
  int64_t size() const { return end - begin; }
};

// What one window computes.
struct WindowPlan {
  FrameRange audio;    // frames that become samples
  FrameRange mel;      // frames that the vocoder sees
  FrameRange fresh;    // frames whose mel is new; empty when all of `mel` is there
  FrameRange decoded;  // frames that the mel decoder sees for them
};

// Sizes of windows, and what the network needs around them. Shared by all sentences of a voice.
struct WindowShape {
  int first = 24;  // frames of the first window; they double up to `max`
  int max = 192;
  int64_t mel_context = 0;      // frames of context of the mel decoder; -1: the whole sentence
  int64_t vocoder_context = 0;  // likewise of the vocoder
  bool can_pad = true;          // the vocoder takes a mask

  // The smallest of the sizes first, 2 first, ... max that holds `frames`.
  int SizeClass(int64_t frames) const;
  // Longest stretch that a window of a size class shows to the mel decoder and to the vocoder.
  int64_t DecoderFrames(int size_class) const;
  int64_t VocoderFrames(int size_class) const;
};

class WindowSynthesis : public SentenceSynthesis {
 public:
  // frames: float32 on the CPU, batch of one. speaker: float32 [1, speakers], shares, CPU. durations in
  // frames.
  WindowSynthesis(const WindowShape& shape, Expanded frames, torch::Tensor speaker,
                  const std::vector<int64_t>& durations, int64_t hop, double volume);

  int64_t total_samples() const override { return total_frames_ * hop_; }
  const std::vector<int64_t>& phoneme_samples() const override { return phoneme_samples_; }
  bool done() const override { return next_frame_ >= total_frames_; }
  int size_class() const override;
  StageSeconds stage_seconds() const override { return stage_seconds_; }

  // The next window; smaller windows than planned after an out-of-memory error.
  WindowPlan Plan() const;
  void HalveWindow();
  // Keeps the mel [F, n_mels] of plan.fresh.
  void AddMel(const WindowPlan& plan, const torch::Tensor& mel);
  // [F, n_mels] of plan.mel, after AddMel.
  torch::Tensor Mel(const WindowPlan& plan) const;
  // Forgets what later windows do not need, and lets the next one grow.
  void Advance(const WindowPlan& plan);

  void AddSeconds(const StageSeconds& seconds);

  const Expanded& frames() const { return frames_; }
  const torch::Tensor& speaker() const { return speaker_; }
  double volume() const { return volume_; }
  int64_t hop() const { return hop_; }
  const WindowShape& shape() const { return shape_; }

 private:
  FrameRange Widen(FrameRange range, int64_t context) const;

  const WindowShape shape_;
  const Expanded frames_;
  const torch::Tensor speaker_;
  const int64_t total_frames_;
  const int64_t hop_;
  const double volume_;
  std::vector<int64_t> phoneme_samples_;
  StageSeconds stage_seconds_;

  int window_;  // frames of the next window
  int64_t next_frame_ = 0;
  torch::Tensor mel_;  // log-mel of frames `kept_`, [F, n_mels]
  FrameRange kept_;
};

// The next window of each of `sentences`, in their order: none is done, all have the same shape.
// Throws what LibTorch throws, and leaves the sentences as they were then.
std::vector<std::vector<float>> SpeakWindows(M2TTSModel* model, const torch::Device& device,
                                             const std::vector<WindowSynthesis*>& sentences);

}  // namespace m2tts
