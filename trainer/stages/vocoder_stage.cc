#include "trainer/stages/vocoder_stage.h"

#include <algorithm>
#include <numeric>

#include "core/device/guard.h"
#include "trainer/data/sampler.h"
#include "trainer/loop/micro_batches.h"
#include "trainer/loss/spectral_loss.h"
#include "trainer/stages/adversarial.h"
#include "trainer/stages/frozen.h"
#include "trainer/stages/on_device.h"
#include "trainer/stages/sample_maps.h"

namespace m2tts {
namespace {

constexpr float kInt16Scale = 1.0f / 32767.0f;
constexpr int64_t kMaxValidationFrames = 600;

}  // namespace

StatusOr<std::unique_ptr<VocoderStage>> VocoderStage::Create(const TrainConfig& config, const Corpus* corpus,
                                                             PredictedMels predicted, ProcessGroup* group,
                                                             const torch::Device& device) {
  M2TTS_ASSIGN_OR_RETURN(auto vocoder, MakeVocoder(config.model.vocoder, config.audio));
  if (vocoder->parameters().empty()) {
    return Errorf(StatusCode::kFailedPrecondition, "model.vocoder.type: '{}' has no weights to train",
                  config.model.vocoder.type);
  }
  return std::unique_ptr<VocoderStage>(
      new VocoderStage(config, corpus, std::move(vocoder), std::move(predicted), group, device));
}

VocoderStage::VocoderStage(const TrainConfig& config, const Corpus* corpus, std::shared_ptr<Vocoder> vocoder,
                           PredictedMels predicted, ProcessGroup* group, const torch::Device& device)
    : config_(config),
      corpus_(corpus),
      predicted_(std::move(predicted)),
      device_(device),
      mel_(config.audio, torch::kFloat32, device),
      vocoder_(OnDevice(std::move(vocoder), device)),
      optimizer_(vocoder_, config.vocoder),
      discriminator_(OnDevice(Discriminator(config.vocoder_loss.discriminator_channels), device)),
      discriminator_optimizer_(
          discriminator_.ptr(),
          DiscriminatorConfig(config.vocoder, config.vocoder_loss.discriminator_learning_rate)),
      precision_(PrecisionOf(config.vocoder)),
      group_(group),
      segments_(BatchThreads(device), [this](int64_t step, int /*parts*/) { return Draw(step); }) {
  vocoder_->set_recompute(config.vocoder.recompute);
}

StatusOr<VocoderStage::Segments> VocoderStage::Draw(int64_t step) const {
  return Guard("segments", [&]() -> StatusOr<Segments> {
    const int64_t frames = config_.vocoder.segment_frames, hop = config_.audio.hop_length;
    const double silence = std::log(config_.audio.log_floor);
    std::vector<torch::Tensor> mels, waves;
    for (int64_t i = 0; i < OwnSegments(); ++i) {
      // Segments are numbered over all processes; this one has a stretch of them.
      const int64_t b = OwnSegments() * RankOf(group_) + i;
      const double which = HashUniform(config_.seed, 2 * step, b),
                   where = HashUniform(config_.seed, 2 * step + 1, b);
      const int item = corpus_->training[static_cast<size_t>(which * corpus_->training.size())];
      M2TTS_ASSIGN_OR_RETURN(const ClipFeatures features, corpus_->Features(item));
      const int64_t room = std::max<int64_t>(0, features.frames() - frames);
      const auto start = static_cast<int64_t>(where * static_cast<double>(room + 1));
      const int64_t length = std::min(frames, features.frames());
      const double kind = HashUniform(config_.seed + 1, step, b);
      const bool predicted = !predicted_.empty() && kind < config_.vocoder.predicted_share;
      M2TTS_ASSIGN_OR_RETURN(const torch::Tensor mel, MelOf(item, features, predicted));
      mels.push_back(
          torch::constant_pad_nd(mel.narrow(0, start, length), {0, 0, 0, frames - length}, silence));
      waves.push_back(torch::constant_pad_nd(features.audio.narrow(0, start * hop, length * hop),
                                             {0, (frames - length) * hop}));
    }
    return Segments{torch::stack(mels), torch::stack(waves)};
  });
}

VocoderStage::Segments VocoderStage::Part(const Segments& all, const std::vector<int>& numbers) const {
  const int64_t begin = numbers.front(), count = static_cast<int64_t>(numbers.size());
  return {all.mel.narrow(0, begin, count).to(device_),
          all.wave.narrow(0, begin, count).to(device_).to(torch::kFloat32) * kInt16Scale};
}

StatusOr<torch::Tensor> VocoderStage::MelOf(int item, const ClipFeatures& features, bool predicted) const {
  const std::string& id = corpus_->utterances[item].id;
  if (!predicted || !predicted_.Has(id)) return features.mel;
  M2TTS_ASSIGN_OR_RETURN(const torch::Tensor mel, predicted_.Read(id));
  return mel.to(torch::kFloat32);
}

torch::Tensor VocoderStage::Vocode(const torch::Tensor& mel) {
  const Autocast autocast(mel.device(), precision_);
  return vocoder_->forward(mel);
}

std::vector<Judgement> VocoderStage::Judge(const torch::Tensor& wave) {
  std::vector<Judgement> judgements;
  {
    const Autocast autocast(wave.device(), precision_);
    judgements = discriminator_(wave);
  }
  for (Judgement& judgement : judgements) judgement.scores = judgement.scores.to(torch::kFloat32);
  return judgements;
}

VocoderStage::Losses VocoderStage::Reconstruction(const torch::Tensor& predicted,
                                                  const torch::Tensor& wave) const {
  // [B, n_mels, F] -> [B, F, n_mels]
  const auto made = mel_(predicted).transpose(1, 2), heard = mel_(wave).transpose(1, 2);
  return {torch::l1_loss(made, heard), MultiResolutionStftLoss(predicted, wave),
          CepstralLoss(made, heard, torch::ones_like(heard.narrow(2, 0, 1)))};
}

bool VocoderStage::Adversarial(int64_t step) const {
  const int64_t from = config_.vocoder_loss.adversarial_from;
  return from >= 0 && step >= from;
}

bool VocoderStage::Listening(int64_t step) const {
  return Adversarial(step) &&
         step >= config_.vocoder_loss.adversarial_from + config_.vocoder_loss.discriminator_warmup;
}

void VocoderStage::Backward(int64_t step, const Segments& segments, const torch::Tensor& predicted,
                            double share, Metrics* sums) {
  const auto& weights = config_.vocoder_loss;
  const auto add = [&](const std::string& name, const torch::Tensor& value) {
    AddTo(sums, name, share * value.item<double>());
  };
  const Losses losses = Reconstruction(predicted, segments.wave);
  auto loss = weights.mel_weight * losses.mel + weights.stft_weight * losses.stft;
  if (weights.cepstral_weight > 0.0) loss = loss + weights.cepstral_weight * losses.cepstral;
  torch::Tensor generator, feature;
  if (Listening(step)) {
    const auto real = Judge(segments.wave), fake = Judge(predicted);
    generator = GeneratorLoss(fake);
    feature = FeatureLoss(real, fake);
    loss = loss + weights.adversarial_weight * generator + weights.feature_weight * feature;
  }
  optimizer_.Backward(loss * share);
  add("loss", loss);
  add("mel", losses.mel);
  add("stft", losses.stft);
  add("cepstral", losses.cepstral);
  if (!generator.defined()) return;
  add("generator", generator);
  add("feature", feature);
}

StatusOr<Metrics> VocoderStage::Step(int64_t step, double learning_rate, int parts) {
  return Guard("vocoder step", [&]() -> StatusOr<Metrics> {
    M2TTS_ASSIGN_OR_RETURN(const Segments drawn, segments_.Take(step, 1));
    const double all = static_cast<double>(OwnSegments()) * SizeOf(group_);
    std::vector<int> numbers(OwnSegments());
    std::iota(numbers.begin(), numbers.end(), 0);
    const auto pieces = SplitBatch(numbers, config_.vocoder.accumulate * parts);
    const auto share = [&](const std::vector<int>& piece) { return static_cast<double>(piece.size()) / all; };
    Segments segments;
    torch::Tensor predicted;
    // A single piece serves both updates; of several, one at a time is on the device.
    const auto compute = [&](const std::vector<int>& piece) {
      if (pieces.size() == 1 && predicted.defined()) return;
      segments = Part(drawn, piece);
      predicted = Vocode(segments.mel);
    };
    Metrics metrics = {{"loss", 0.0}}, judged;
    // Not again when the step is repeated after an error in its second half.
    if (Adversarial(step) && discriminator_step_ != step) {
      discriminator_optimizer_.ZeroGrad();
      Metrics losses = {{"discriminator", 0.0}};
      for (const auto& piece : pieces) {
        BeforePiece();
        compute(piece);
        const auto loss = DiscriminatorLoss(Judge(segments.wave), Judge(predicted.detach())) * share(piece);
        discriminator_optimizer_.Backward(loss);
        AddTo(&losses, "discriminator", loss.item<double>());
      }
      M2TTS_RETURN_IF_ERROR(SumOverProcesses(group_, &discriminator_optimizer_, &losses));
      discriminator_optimizer_.Update(config_.vocoder_loss.discriminator_learning_rate);
      discriminator_step_ = step;
      judged = std::move(losses);
    }
    optimizer_.ZeroGrad();
    const Frozen frozen(*discriminator_);
    for (const auto& piece : pieces) {
      BeforePiece();
      compute(piece);
      Backward(step, segments, predicted, share(piece), &metrics);
    }
    M2TTS_RETURN_IF_ERROR(SumOverProcesses(group_, &optimizer_, &metrics));
    metrics.insert(metrics.end(), judged.begin(), judged.end());
    metrics.emplace_back("gradient_norm", optimizer_.Update(learning_rate));
    frames_seen_ += static_cast<int64_t>(all) * config_.vocoder.segment_frames;
    return metrics;
  });
}

StatusOr<Metrics> VocoderStage::Validate() {
  return Guard("vocoder validation", [&]() -> StatusOr<Metrics> {
    torch::NoGradGuard no_grad;
    const Optimizer::Averaged averaged(&optimizer_);
    double mel = 0.0, stft = 0.0, cepstral = 0.0;
    for (const int item : corpus_->validation) {
      BeforePiece();
      M2TTS_ASSIGN_OR_RETURN(const ClipFeatures features, corpus_->Features(item));
      const int64_t frames = std::min(features.frames(), kMaxValidationFrames);
      // Spectra need a segment at least; a shorter clip ends in silence, as in Draw.
      const int64_t missing = std::max<int64_t>(0, config_.vocoder.segment_frames - frames);
      const auto mel_frames = torch::constant_pad_nd(features.mel.narrow(0, 0, frames), {0, 0, 0, missing},
                                                     std::log(config_.audio.log_floor));
      const auto recorded =
          torch::constant_pad_nd(features.audio.narrow(0, 0, frames * config_.audio.hop_length),
                                 {0, missing * config_.audio.hop_length});
      const auto wave = recorded.to(device_).to(torch::kFloat32).unsqueeze(0) * kInt16Scale;
      const auto predicted = vocoder_->forward(mel_frames.unsqueeze(0).to(device_));
      const Losses losses = Reconstruction(predicted, wave);
      mel += losses.mel.item<double>();
      stft += losses.stft.item<double>();
      cepstral += losses.cepstral.item<double>();
    }
    const auto count = static_cast<double>(corpus_->validation.size());
    const auto& weights = config_.vocoder_loss;
    const double loss =
        weights.mel_weight * mel + weights.stft_weight * stft + weights.cepstral_weight * cepstral;
    return Metrics{{"loss", loss / count},
                   {"mel", mel / count},
                   {"stft", stft / count},
                   {"mcd_db", kCepstralDecibels * cepstral / count}};
  });
}

StatusOr<Samples> VocoderStage::MakeSamples() {
  return Guard("vocoder samples", [&]() -> StatusOr<Samples> {
    torch::NoGradGuard no_grad;
    const Optimizer::Averaged averaged(&optimizer_);
    Samples samples;
    for (const int item : SampleClips(*corpus_, config_.audio)) {
      const std::string& id = corpus_->utterances[item].id;
      M2TTS_ASSIGN_OR_RETURN(const ClipFeatures features, corpus_->Features(item));
      const int64_t frames = std::min(features.frames(), kMaxValidationFrames);
      M2TTS_ASSIGN_OR_RETURN(const torch::Tensor mel, MelOf(item, features, /*predicted=*/true));
      const auto wave = vocoder_->forward(mel.narrow(0, 0, frames).unsqueeze(0).to(device_));
      const auto heard = mel_(wave)[0].t().narrow(0, 0, frames);
      const auto number = samples.images.size() + 1;
      const int rate = config_.audio.sample_rate;
      samples.images.push_back(
          {fmt::format("mel-{}", number),
           DrawMels({{id + " recording", features.mel.narrow(0, 0, frames)}, {"vocoder", heard}},
                    config_.audio)});
      const std::string name = fmt::format("speech-{}", number);
      const auto recorded = features.audio.narrow(0, 0, frames * config_.audio.hop_length);
      samples.sounds.push_back({name, RecordedWave(recorded), rate, true});
      samples.sounds.push_back({name, FloatVector(wave[0]), rate, false});
    }
    return samples;
  });
}

StatusOr<TensorMap> VocoderStage::State() const {
  M2TTS_ASSIGN_OR_RETURN(TensorMap state, optimizer_.State("vocoder."));
  M2TTS_ASSIGN_OR_RETURN(TensorMap discriminator, discriminator_optimizer_.State("discriminator."));
  state.merge(discriminator);
  return state;
}

Status VocoderStage::LoadState(const TensorMap& state) {
  discriminator_step_ = -1;
  M2TTS_RETURN_IF_ERROR(optimizer_.LoadState(state, "vocoder."));
  return discriminator_optimizer_.LoadState(state, "discriminator.");
}

}  // namespace m2tts
