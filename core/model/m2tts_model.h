// The whole network: text encoder, duration, pitch and energy predictors, length regulator, mel
// decoder and vocoder, with the corpus statistics they were trained under.
//
// Not thread-safe: one thread at a time (the device executor, or the trainer).
#pragma once

#include <torch/torch.h>

#include <map>
#include <memory>
#include <string>

#include "core/model/harmonic_comb.h"
#include "core/model/mel_decoder.h"
#include "core/model/predictor.h"
#include "core/model/text_encoder.h"
#include "core/model/vocoder.h"

namespace m2tts {

// What a corpus says about its speakers. The network works on standardized values, so that a
// voice's spectrum and range of pitch are there before anything is learned.
struct SpeechStatistics {
  torch::Tensor mel_mean;       // float32 [speakers, n_mels], of natural log-mel
  torch::Tensor mel_deviation;  // float32 [n_mels], around the speakers' means
  torch::Tensor pitch;          // float32 [speakers, 2]: mean and deviation of ln F0 (Hz)
  torch::Tensor energy;         // float32 [speakers, 2]: likewise of a frame's log-energy (FrameEnergy)
};

// The acoustic half, what `train` first trains.
class AcousticModelImpl : public torch::nn::Module {
 public:
  AcousticModelImpl(const ModelConfig& config, const AudioConfig& audio);

  struct Output {
    torch::Tensor mel;            // [B, F, n_mels] standardized
    torch::Tensor mel_mask;       // [B, F, 1]
    torch::Tensor log_durations;  // [B, T]
    torch::Tensor pitch;          // [B, T] standardized; undefined when the config has none
    torch::Tensor energy;         // likewise
    torch::Tensor mask;           // [B, T, 1]
  };
  // Teacher forcing: durations (int64 [B, T]) and pitch (float [B, T], standardized) are given.
  // frame_pitch, energy, frames: see Expand.
  Output forward(const PhonemeBatch& batch, const torch::Tensor& durations, const torch::Tensor& pitch,
                 const torch::Tensor& frame_pitch = {}, const torch::Tensor& energy = {}, int64_t frames = 0);

  struct Plan {
    torch::Tensor encoded;        // [B, T, hidden], without pitch and energy
    torch::Tensor log_durations;  // [B, T]
    torch::Tensor pitch;          // [B, T] standardized; zeros when the config has none
    torch::Tensor energy;         // [B, T] standardized; undefined when the config has none
    torch::Tensor mask;           // [B, T, 1]
  };
  // What runs once per sentence.
  Plan Predict(const PhonemeBatch& batch);

  // Adds a pitch contour to the encoder's output.
  torch::Tensor AddPitch(const torch::Tensor& encoded, const torch::Tensor& pitch, const torch::Tensor& mask);

  // Phonemes to frames, for DecodeMel. pitch: as in AddPitch. With frame_pitch in the config the
  // frames carry their pitch in `position`: the given contour (float [B, F], standardized), or, when
  // it is undefined, lines between the phonemes' values. energy: float [B, T], standardized; undefined: the
  // plan's. frames: F, as RegulateLength has it.
  Expanded Expand(const Plan& plan, const torch::Tensor& pitch, const torch::Tensor& durations,
                  const torch::Tensor& speaker, const torch::Tensor& frame_pitch = {},
                  const torch::Tensor& energy = {}, int64_t frames = 0);

  // Frames -> log-mel [B, F, n_mels], natural log. speaker: as in PhonemeBatch.
  torch::Tensor DecodeMel(const torch::Tensor& hidden, const torch::Tensor& position,
                          const torch::Tensor& mask, const torch::Tensor& speaker);

  // The same for streams, unless the decoder looks at whole sentences. mel_lag: frames by which the mel
  // lags behind the input; -1: it cannot stream. The input of DecodeStream is [1, F, hidden] here,
  // there parts of it, [n, hidden] per stream; the speaker is of batch one.
  int64_t mel_lag() const;
  torch::Tensor DecoderInput(const Expanded& frames) {
    return decoder_->Input(frames.hidden, frames.position);
  }
  PackedStep::Rows DecodeStream(PackedStep* step, const PackedStep::Rows& input,
                                const std::vector<torch::Tensor>& speakers);

  // Gradient checkpointing of the blocks: less memory in training, more time.
  void set_recompute(bool recompute) {
    encoder_->set_recompute(recompute);
    decoder_->set_recompute(recompute);
  }

  void SetStatistics(const SpeechStatistics& statistics);
  // log_mel [B, F, n_mels] by the mean of each speaker (as in PhonemeBatch) and the common deviation.
  torch::Tensor StandardizeMel(const torch::Tensor& log_mel, const torch::Tensor& speaker) const;
  torch::Tensor RestoreMel(const torch::Tensor& standardized, const torch::Tensor& speaker) const;
  // Of ln F0 (Hz) of one speaker.
  double pitch_mean(int speaker) const { return pitch_stats_.view({-1, 2})[speaker][0].item<double>(); }
  double pitch_deviation(int speaker) const { return pitch_stats_.view({-1, 2})[speaker][1].item<double>(); }
  // Of a mixture: one weight per speaker, that sum to 1.
  double pitch_deviation(const std::vector<double>& weights) const;

 private:
  const ModelConfig config_;
  TextEncoder encoder_{nullptr};
  DurationPredictor durations_{nullptr};
  ContourPredictor pitch_{nullptr};   // only with pitch
  ContourPredictor energy_{nullptr};  // only with energy
  MelDecoder decoder_{nullptr};
  torch::Tensor MelMean(const torch::Tensor& speaker) const;  // [B, 1, n_mels]

  const HarmonicComb comb_;
  torch::Tensor mel_stats_;     // buffer [speakers + 1, n_mels]: the means, then the deviation
  torch::Tensor pitch_stats_;   // buffer [2] with one speaker, else [speakers, 2]: mean, deviation
  torch::Tensor energy_stats_;  // buffer [speakers, 2], likewise; only with energy
};
TORCH_MODULE(AcousticModel);

class M2TTSModel {
 public:
  // `vocoder`: empty = config.vocoder.type, or "griffin_lim" to leave the trained one out.
  static StatusOr<std::unique_ptr<M2TTSModel>> Create(const ModelConfig& config, const AudioConfig& audio,
                                                      const std::string& vocoder = "");
  // Before Create, for sizes that come from elsewhere: INVALID_ARGUMENT when `weights` are far too few for
  // them, so that a file of a kilobyte cannot ask for gigabytes of memory.
  static Status CheckSize(const ModelConfig& config, const AudioConfig& audio, const std::string& vocoder,
                          const std::map<std::string, torch::Tensor>& weights);

  AcousticModel acoustic{nullptr};
  std::shared_ptr<Vocoder> vocoder;

  // Parameters and buffers by name: "acoustic.encoder...", "vocoder...".
  std::map<std::string, torch::Tensor> Weights() const;
  // Copies values in. INVALID_ARGUMENT names a missing, surplus or differently shaped tensor.
  // Weights of a vocoder that this model left out are passed over.
  Status LoadWeights(const std::map<std::string, torch::Tensor>& weights);

  void To(const torch::Device& device);
  // No dropout from now on.
  void Eval();
  // After Eval, on the device where it stays: for inference there alone from now on, with weights laid out
  // for speed. What Weights() gives is of no use any more.
  void Settle();
  int64_t ParameterCount() const;

 private:
  M2TTSModel() = default;
};

// GFLOP per second of audio at 14 phonemes a second, encoder to vocoder.
double GflopPerAudioSecond(const ModelConfig& config, const AudioConfig& audio, const Vocoder& vocoder);

// Named parameters and buffers of a module, each name behind `prefix`.
std::map<std::string, torch::Tensor> NamedTensors(const torch::nn::Module& module, const std::string& prefix);

// "[2, 64]", for messages.
std::string ShapeText(const torch::Tensor& tensor);

// Copies `values` into the tensors of the same names; the names and shapes must be the same.
Status CopyTensors(const std::map<std::string, torch::Tensor>& values,
                   const std::map<std::string, torch::Tensor>& targets);

}  // namespace m2tts
