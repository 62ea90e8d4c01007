#include "trainer/stages/acoustic_stage.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/audio/griffin_lim.h"
#include "core/device/guard.h"
#include "core/model/length_regulator.h"
#include "trainer/evaluation/mel_warp.h"
#include "trainer/loss/spectral_loss.h"
#include "trainer/stages/on_device.h"
#include "trainer/stages/sample_maps.h"

namespace m2tts {
namespace {

// Early predictions may be absurd.
constexpr double kMostFrames = 100.0;  // per phoneme
constexpr int64_t kMostSpoken = 2;     // times the recording's frames, to be compared with it

torch::Tensor PredictedDurations(const torch::Tensor& log_durations) {
  const auto frames =
      log_durations[0].to(torch::kCPU).exp().clamp(1.0, kMostFrames).to(torch::kFloat64).contiguous();
  const double* values = frames.data_ptr<double>();
  return torch::tensor(RoundDurations({values, values + frames.numel()}))
      .unsqueeze(0)
      .to(log_durations.device());
}

}  // namespace

AcousticStage::AcousticStage(const TrainConfig& config, const Corpus* corpus, ProcessGroup* group,
                             const torch::Device& device)
    : config_(config),
      corpus_(corpus),
      device_(device),
      model_(OnDevice(AcousticModel(config.model, config.audio), device)),
      optimizer_(model_.ptr(), config.acoustic),
      sampler_(TrainingFrames(*corpus, BatchGrid::Of(device).frames), config.acoustic.frames_per_batch,
               config.seed),
      precision_(PrecisionOf(config.acoustic)),
      group_(group),
      batches_(BatchThreads(device), [this](int64_t step, int parts) { return Read(step, parts); }) {
  model_->SetStatistics(corpus->statistics);
  model_->set_recompute(config.acoustic.recompute);
  if (config.acoustic_loss.adversarial_from >= 0) {
    adversary_ = std::make_unique<AcousticAdversary>(config, device);
  }
}

StatusOr<AcousticBatch> AcousticStage::Batch(const std::vector<int>& items) const {
  M2TTS_ASSIGN_OR_RETURN(const AcousticBatch batch, MakeAcousticBatch(*corpus_, items));
  return batch.To(device_);
}

AcousticStage::Losses AcousticStage::Compute(const AcousticBatch& batch) {
  AcousticModelImpl::Output output;
  {
    const Autocast autocast(batch.mel.device(), precision_);
    output = model_->forward(batch.phonemes, batch.durations, batch.pitch, batch.frame_pitch, batch.energy,
                             batch.mel.size(1));
  }
  output.mel = output.mel.to(torch::kFloat32);
  Losses losses;
  losses.predicted = output.mel;
  losses.target = model_->StandardizeMel(batch.mel, batch.phonemes.speaker);
  losses.mel = MaskedL1(losses.predicted, losses.target, output.mel_mask);
  losses.cepstral =
      CepstralLoss(model_->RestoreMel(output.mel, batch.phonemes.speaker), batch.mel, output.mel_mask);
  const auto of_phonemes = [&](const torch::Tensor& predicted, const torch::Tensor& target) {
    if (!predicted.defined()) return torch::zeros({});
    return MaskedMse(predicted.to(torch::kFloat32), target, output.mask);
  };
  losses.duration =
      of_phonemes(output.log_durations, batch.durations.to(torch::kFloat32).clamp_min(1.0).log());
  losses.pitch = of_phonemes(output.pitch, batch.pitch);
  losses.energy = of_phonemes(output.energy, batch.energy);
  return losses;
}

torch::Tensor AcousticStage::Speak(const PhonemeBatch& phonemes) {
  const auto plan = model_->Predict(phonemes);
  const auto expanded =
      model_->Expand(plan, plan.pitch, PredictedDurations(plan.log_durations), phonemes.speaker);
  const auto mask = LengthMask(expanded.lengths, expanded.hidden.size(1));
  return model_->DecodeMel(expanded.hidden, expanded.position, mask, phonemes.speaker)[0];
}

StatusOr<AcousticStage::StepBatches> AcousticStage::Read(int64_t step, int parts) {
  return Guard("batches", [&]() -> StatusOr<StepBatches> {
    StepBatches read;
    {
      MutexLock lock(&sampler_mutex_);
      read.share = ShareOfStep(&sampler_, corpus_->training, step, config_.acoustic.accumulate, parts,
                               RankOf(group_), SizeOf(group_));
    }
    for (const auto& items : read.share.pieces) {
      M2TTS_ASSIGN_OR_RETURN(AcousticBatch batch, MakeAcousticBatch(*corpus_, items, BatchGrid::Of(device_)));
      read.batches.push_back(std::move(batch));
    }
    return read;
  });
}

StatusOr<Metrics> AcousticStage::Step(int64_t step, double learning_rate, int parts) {
  return Guard("acoustic step", [&]() -> StatusOr<Metrics> {
    // Dropout is the only randomness in a step: the seed makes it a function of the step.
    const int rank = RankOf(group_);
    torch::manual_seed(config_.seed + static_cast<uint64_t>(step) + (static_cast<uint64_t>(rank) << 40));
    model_->train();
    M2TTS_ASSIGN_OR_RETURN(const StepBatches read, batches_.Take(step, parts));
    const StepShare& share = read.share;
    double frames = 0.0, phonemes = 0.0;
    for (const int item : share.all) {
      frames += static_cast<double>(corpus_->utterances[item].frames);
      phonemes += static_cast<double>(corpus_->utterances[item].sentence.phonemes.size());
    }
    const auto& weights = config_.acoustic_loss;
    Metrics sums = {{"loss", 0.0}, {"mel", 0.0}, {"duration", 0.0}, {"pitch", 0.0}};
    if (config_.model.energy) sums.emplace_back("energy", 0.0);
    Metrics judged;
    const bool adversarial = adversary_ != nullptr && adversary_->Active(step);
    if (adversarial) adversary_->optimizer()->ZeroGrad();
    optimizer_.ZeroGrad();
    for (size_t piece = 0; piece < share.pieces.size(); ++piece) {
      const std::vector<int>& items = share.pieces[piece];
      BeforePiece();
      const AcousticBatch batch = read.batches[piece].To(device_);
      const Losses losses = Compute(batch);
      // The losses are means over frames and over phonemes: the share of each brings the mean of all.
      const double of_frames = read.batches[piece].mel_lengths.sum().item<double>() / frames;
      const double of_phonemes = read.batches[piece].phonemes.lengths.sum().item<double>() / phonemes;
      const auto mel = losses.mel * of_frames, cepstral = losses.cepstral * of_frames;
      const auto duration = losses.duration * of_phonemes, pitch = losses.pitch * of_phonemes,
                 energy = losses.energy * of_phonemes;
      auto loss = mel + weights.cepstral_weight * cepstral + weights.duration_weight * duration +
                  weights.pitch_weight * pitch + weights.energy_weight * energy;
      if (adversarial) {
        const double of_clips = static_cast<double>(items.size()) / static_cast<double>(share.all.size());
        const auto heard = adversary_->Judge(step, items, losses.predicted, losses.target, batch.mel_lengths,
                                             of_clips, &judged);
        if (heard.defined()) loss = loss + heard;
      }
      optimizer_.Backward(loss);
      const torch::Tensor parts_of_sums[] = {loss, mel, duration, pitch, energy};
      for (size_t i = 0; i < sums.size(); ++i) sums[i].second += parts_of_sums[i].item<double>();
    }
    M2TTS_RETURN_IF_ERROR(SumOverProcesses(group_, &optimizer_, &sums));
    if (adversarial) {
      M2TTS_RETURN_IF_ERROR(SumOverProcesses(group_, adversary_->optimizer(), &judged));
      adversary_->optimizer()->Update(adversary_->learning_rate());
    }
    sums.insert(sums.end(), judged.begin(), judged.end());
    sums.emplace_back("gradient_norm", optimizer_.Update(learning_rate));
    frames_seen_ += static_cast<int64_t>(frames);
    return sums;
  });
}

StatusOr<Metrics> AcousticStage::Validate() {
  return Guard("acoustic validation", [&]() -> StatusOr<Metrics> {
    torch::NoGradGuard no_grad;
    const Optimizer::Averaged averaged(&optimizer_);
    model_->eval();
    double mel = 0.0, mcd = 0.0, spoken_mcd = 0.0, duration = 0.0, pitch = 0.0, energy = 0.0;
    std::map<int, std::pair<double, int>> by_speaker;  // sum of mel cepstral distortions, clips
    for (const int item : corpus_->validation) {
      BeforePiece();
      M2TTS_ASSIGN_OR_RETURN(const AcousticBatch batch, Batch({item}));
      const Losses losses = Compute(batch);
      const double distortion = kCepstralDecibels * losses.cepstral.item<double>();
      auto& [sum, clips] = by_speaker[corpus_->utterances[item].speaker];
      sum += distortion;
      ++clips;
      mcd += distortion;
      const auto speech = Speak(batch.phonemes);
      const int64_t compared = std::min(speech.size(0), kMostSpoken * batch.mel.size(1));
      M2TTS_ASSIGN_OR_RETURN(const MelWarp spoken, WarpMels(batch.mel[0], speech.narrow(0, 0, compared)));
      spoken_mcd += spoken.mcd_db;
      mel += losses.mel.item<double>();
      duration += losses.duration.item<double>();
      pitch += losses.pitch.item<double>();
      energy += losses.energy.item<double>();
    }
    const auto count = static_cast<double>(corpus_->validation.size());
    Metrics metrics = {{"mel", mel / count},
                       {"mcd_db", mcd / count},
                       {"spoken_mcd_db", spoken_mcd / count},
                       {"duration", duration / count},
                       {"pitch", pitch / count}};
    if (config_.model.energy) metrics.emplace_back("energy", energy / count);
    for (const auto& [speaker, total] : by_speaker) {
      if (by_speaker.size() > 1)
        metrics.emplace_back("mcd_db_" + config_.speakers[speaker], total.first / total.second);
    }
    return metrics;
  });
}

StatusOr<TensorMap> AcousticStage::State() const {
  M2TTS_ASSIGN_OR_RETURN(TensorMap state, optimizer_.State("acoustic."));
  if (adversary_ == nullptr) return state;
  M2TTS_ASSIGN_OR_RETURN(TensorMap adversary, adversary_->optimizer()->State("adversary."));
  state.merge(adversary);
  return state;
}

Status AcousticStage::LoadState(const TensorMap& state) {
  M2TTS_RETURN_IF_ERROR(optimizer_.LoadState(state, "acoustic."));
  return adversary_ == nullptr ? OkStatus() : adversary_->optimizer()->LoadState(state, "adversary.");
}

StatusOr<Samples> AcousticStage::MakeSamples() {
  return Guard("acoustic samples", [&]() -> StatusOr<Samples> {
    torch::NoGradGuard no_grad;
    const Optimizer::Averaged averaged(&optimizer_);
    model_->eval();
    Samples samples;
    for (const int item : SampleClips(*corpus_, config_.audio)) {
      const Utterance& utterance = corpus_->utterances[item];
      const auto number = samples.images.size() + 1;
      M2TTS_ASSIGN_OR_RETURN(const AcousticBatch batch, Batch({item}));
      const auto told =
          model_->forward(batch.phonemes, batch.durations, batch.pitch, batch.frame_pitch, batch.energy);
      const auto predicted = model_->RestoreMel(told.mel, batch.phonemes.speaker)[0].to(torch::kCPU);
      const auto free = Speak(batch.phonemes).to(torch::kCPU);
      samples.images.push_back(
          {fmt::format("mel-{}", number),
           DrawMels({{utterance.id + " recording", batch.mel[0]}, {"predicted", predicted}}, config_.audio)});
      M2TTS_ASSIGN_OR_RETURN(const ClipFeatures features, corpus_->Features(item));
      const std::string name = fmt::format("speech-{}", number);
      samples.sounds.push_back({name, RecordedWave(features.audio), config_.audio.sample_rate, true});
      samples.sounds.push_back({name, FloatVector(GriffinLim(free.t().unsqueeze(0), config_.audio)[0]),
                                config_.audio.sample_rate, false});
    }
    return samples;
  });
}

}  // namespace m2tts
