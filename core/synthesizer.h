// The whole path in one process: sentence -> phonemes -> durations -> mel -> audio.
//
//   auto synthesizer = Synthesizer::Load("voices/en_US-slt", {});
//   auto job = (*synthesizer)->Begin(sentence, {});
//   while (!job->done()) append((*synthesizer)->Next({job.get()})->front());  // growing windows
//
// Threads: on MPS and CUDA one thread at a time may use a Synthesizer and what it began (LibTorch
// on MPS aborts otherwise); on the CPU any number, each with sentences of its own. On failure
// every call returns a Status; no exception leaves this interface.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "core/device/device_choice.h"
#include "core/synthesis_controls.h"
#include "core/text/sentence.h"
#include "core/voice/voice_manifest.h"

namespace m2tts {

struct SynthesizerOptions {
  std::string device = "auto";  // auto, mps, cuda, cpu
  std::string vocoder;          // empty: the voice's own; or "griffin_lim"
  // Frames of the first window: smaller gives earlier first audio. They grow up to
  // max_window_frames: larger ones are cheaper, but a request can be cancelled only between two.
  int first_window_frames = 24;
  int max_window_frames = 192;
};

// Where the time of a sentence went, seconds; of a batch, its share.
struct StageSeconds {
  double acoustic = 0.0;  // text encoder, predictors, mel decoder
  double vocoder = 0.0;
};

// One sentence being spoken. Durations are known from the start, audio comes in windows.
class SentenceSynthesis {
 public:
  virtual ~SentenceSynthesis() = default;
  virtual int64_t total_samples() const = 0;
  // Samples of each phoneme of the sentence, for timestamps; sums to total_samples().
  virtual const std::vector<int64_t>& phoneme_samples() const = 0;
  virtual bool done() const = 0;
  // Sentences of one Synthesizer whose next windows have the same size class fit one batch well;
  // kAlone: only alone.
  static constexpr int kAlone = -1;
  virtual int size_class() const = 0;
  // So far.
  virtual StageSeconds stage_seconds() const { return {}; }
};

class Synthesizer {
 public:
  static StatusOr<std::unique_ptr<Synthesizer>> Load(const std::filesystem::path& voice_folder,
                                                     const SynthesizerOptions& options);
  virtual ~Synthesizer() = default;

  virtual const VoiceManifest& manifest() const = 0;
  virtual const DeviceChoice& device() const = 0;
  virtual int64_t bundle_bytes() const = 0;
  int sample_rate() const { return manifest().audio.sample_rate; }

  // Runs encoder, durations and pitch: cheap beside the audio, and always at batch 1.
  virtual StatusOr<std::unique_ptr<SentenceSynthesis>> Begin(const Sentence& sentence,
                                                             const SynthesisControls& controls) = 0;

  // The next window of samples in [-1, 1] of each sentence, in their order. All were begun here, none
  // is done, and one of size class kAlone is the only one. The samples depend neither on the
  // company nor on the window sizes (within 1e-4). When the device is out of memory, caches are
  // cleared, and a sentence that is alone gets half a window; RESOURCE_EXHAUSTED when that fails too, or
  // there were several, none of which is any further. INTERNAL for what else the device fails with, and as
  // CheckComputed.
  virtual StatusOr<std::vector<std::vector<float>>> Next(
      const std::vector<SentenceSynthesis*>& sentences) = 0;
};

// Begin and all windows at once.
StatusOr<std::vector<float>> SynthesizeSentence(Synthesizer* synthesizer, const Sentence& sentence,
                                                const SynthesisControls& controls);

// Whether the device still speaks for this voice: OK when a short sentence, that nobody asked for, can be
// spoken to its end. Takes as long as half a second of audio does.
Status SpeakGolden(Synthesizer* synthesizer);

// INTERNAL when a sample that was computed is NaN or infinite: the device is broken, or the model, whatever
// was asked for.
Status CheckComputed(const std::vector<std::vector<float>>& windows);

// A pause after a sentence, in seconds, before speed is applied.
double PauseAfter(const Sentence& sentence);

}  // namespace m2tts
