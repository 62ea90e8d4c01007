// One sentence on its way from frames of hidden states to audio, in windows; and the step that
// computes the next windows of several sentences at once.
//
// Mel decoder and vocoder are streams (core/model/packed_stream.h): a window feeds them the frames that
// follow, and gets as many frames of audio, which lag behind by what the networks see ahead. The
// first window feeds that lag too. No frame is computed twice, and in a batch no sentence is padded to
// the length of another.
//
// What cannot stream: a decoder that attends to the whole sentence decodes all of it at the beginning; a
// vocoder without Stream sees a stretch of mel with its context around the frames that are due
// (MelStretch), one sentence at a time.
//
// Not thread-safe; several threads may speak different sentences of one model on the CPU.
#pragma once

#include <torch/torch.h>

#include <vector>

#include "core/base/status.h"
#include "core/mel_stretch.h"
#include "core/model/m2tts_model.h"
#include "core/pitch_shift.h"
#include "core/synthesizer.h"

namespace m2tts {

// Sizes of windows. Shared by all sentences of a voice.
struct WindowShape {
  // Each window streams all weights through the caches once: few windows are cheaper, and the listener of the
  // first is busy for longer than the second takes, even on a busy server.
  static constexpr int kGrowth = 4;

  int first = 24;  // frames of the first window; they grow up to `max`
  int max = 192;

  // The smallest of the sizes first, 4 first, ... max that holds `frames`.
  int SizeClass(int64_t frames) const;
};

class WindowSynthesis : public SentenceSynthesis {
 public:
  // What is fed to the model: the decoder's input [F, hidden], or, when it cannot stream, the mel [F,
  // n_mels]. speaker: float32 [1, speakers], shares. durations in frames of the model.
  WindowSynthesis(const WindowShape& shape, const M2TTSModel& model, torch::Tensor input,
                  torch::Tensor speaker, const std::vector<int64_t>& durations, int64_t hop, double volume,
                  PitchShift pitch);

  int64_t total_samples() const override { return pitch_.SamplesOf(total_frames_ * hop_); }
  const std::vector<int64_t>& phoneme_samples() const override { return phoneme_samples_; }
  bool done() const override { return spoken_ >= total_frames_; }
  int size_class() const override;
  StageSeconds stage_seconds() const override { return stage_seconds_; }

  // Smaller windows than planned, after an out-of-memory error.
  void HalveWindow();
  void AddSeconds(const StageSeconds& seconds);

 private:
  friend StatusOr<std::vector<std::vector<float>>> SpeakWindows(M2TTSModel*,
                                                                const std::vector<WindowSynthesis*>&);

  // Frames that the next window feeds, [fed_, end).
  int64_t NextEnd() const;

  const WindowShape shape_;
  const torch::Tensor input_;
  const torch::Tensor speaker_;
  const int64_t total_frames_;
  const int64_t lag_;  // of the audio behind the input, frames; -1: all is fed at once
  const bool alone_;   // the vocoder takes one sentence at a time
  const int64_t hop_;
  const double volume_;
  PitchShift pitch_;
  std::vector<int64_t> phoneme_samples_;
  StageSeconds stage_seconds_;

  int window_;  // frames of the next window
  int64_t fed_ = 0;
  int64_t spoken_ = 0;
  // A pitch shift has taken a window that never came to be: the sentence cannot go on.
  bool broken_ = false;
  StreamMemory decoder_, vocoder_;
  MelStretch mel_;  // of a vocoder that cannot stream
};

// The next window of each of `sentences`, in their order: none is done, all are of `model`.
// Throws what LibTorch throws, and returns what CheckComputed finds; then the sentences are as they were. But
// where memory runs out while pitch is shifted, those whose audio was in hand are lost: RESOURCE_EXHAUSTED
// from then on.
StatusOr<std::vector<std::vector<float>>> SpeakWindows(M2TTSModel* model,
                                                       const std::vector<WindowSynthesis*>& sentences);

}  // namespace m2tts
