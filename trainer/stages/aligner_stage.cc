#include "trainer/stages/aligner_stage.h"

#include <algorithm>
#include <numeric>

#include "core/base/file.h"
#include "core/device/guard.h"
#include "trainer/alignment/monotonic_search.h"
#include "trainer/data/batch.h"
#include "trainer/loop/micro_batches.h"
#include "trainer/stages/on_device.h"
#include "trainer/stages/sample_maps.h"

namespace m2tts {
namespace {

constexpr int64_t kHidden = 96;
constexpr double kPriorSharpness = 0.3;
// Deterministic annealing (Ueda and Nakano 1998, "Deterministic annealing EM algorithm", section 3): at first
// many alignments share a clip, so that none is settled upon before the Gaussians know anything; towards the
// end the likelihoods count for more, and alignments become sharp. A share of the steps, and the last factor:
// for 900 clips that festival read, with its own labels to compare, 1, 2 and 4 are equal (15 ms a boundary).
constexpr double kSharpenFrom = 0.3;
constexpr double kSharpenUntil = 0.9;
constexpr double kSharpest = 2.0;

constexpr int64_t kLeftOut = -1;  // in the file, in place of the durations of a clip whose labels did not fit

}  // namespace

AlignerStage::AlignerStage(const TrainConfig& config, const Corpus* corpus, ProcessGroup* group,
                           const torch::Device& device)
    : config_(config),
      corpus_(corpus),
      device_(device.type() == torch::kMPS ? torch::Device(torch::kCPU) : device),
      aligner_(OnDevice(Aligner(config.audio.n_mels, kHidden), device_)),
      optimizer_(aligner_.ptr(), config.aligner),
      sampler_(TrainingFrames(*corpus), config.aligner.frames_per_batch, config.seed),
      group_(group) {}

double AlignmentSharpness(double progress) {
  const double share = (progress - kSharpenFrom) / (kSharpenUntil - kSharpenFrom);
  return 1.0 + (kSharpest - 1.0) * std::clamp(share, 0.0, 1.0);
}

StatusOr<torch::Tensor> AlignerStage::Scores(const std::vector<int>& items, double sharpness,
                                             torch::Tensor* text_lengths, torch::Tensor* mel_lengths) {
  M2TTS_ASSIGN_OR_RETURN(const AcousticBatch batch, MakeAcousticBatch(*corpus_, items));
  const SpeechStatistics& statistics = corpus_->statistics;
  const auto mean = statistics.mel_mean.index_select(0, batch.phonemes.speaker).unsqueeze(1);
  const auto mel = ((batch.mel - mean) / statistics.mel_deviation).to(device_);
  const auto text_mask = LengthMask(batch.phonemes.lengths, batch.phonemes.ids.size(1));
  std::vector<torch::Tensor> priors;
  for (size_t b = 0; b < items.size(); ++b) {
    const int64_t frames = batch.mel_lengths[b].item<int64_t>(),
                  phonemes = batch.phonemes.lengths[b].item<int64_t>();
    const auto prior = AlignmentPrior(frames, phonemes, kPriorSharpness);
    priors.push_back(
        torch::constant_pad_nd(prior, {0, text_mask.size(1) - phonemes, 0, mel.size(1) - frames}));
  }
  *text_lengths = batch.phonemes.lengths.to(device_);
  *mel_lengths = batch.mel_lengths.to(device_);
  return sharpness * aligner_(batch.phonemes.ids.to(device_), text_mask.to(device_), mel) +
         torch::stack(priors).to(device_);
}

StatusOr<torch::Tensor> AlignerStage::ScoresOf(int item) {
  torch::Tensor text_lengths, mel_lengths;
  M2TTS_ASSIGN_OR_RETURN(const auto scores, Scores({item}, kSharpest, &text_lengths, &mel_lengths));
  return scores[0].to(torch::kCPU).contiguous();
}

StatusOr<Metrics> AlignerStage::Step(int64_t step, double learning_rate, int parts) {
  return Guard("aligner step", [&]() -> StatusOr<Metrics> {
    const auto share = ShareOfStep(&sampler_, corpus_->training, step, config_.aligner.accumulate, parts,
                                   RankOf(group_), SizeOf(group_));
    const double sharpness =
        AlignmentSharpness(static_cast<double>(step) / static_cast<double>(config_.aligner.steps));
    Metrics metrics = {{"loss", 0.0}};
    optimizer_.ZeroGrad();
    for (const auto& items : share.pieces) {
      BeforePiece();
      torch::Tensor text_lengths, mel_lengths;
      M2TTS_ASSIGN_OR_RETURN(const auto scores, Scores(items, sharpness, &text_lengths, &mel_lengths));
      // The loss is a mean over clips.
      const auto loss = ForwardSumLoss(scores, text_lengths, mel_lengths) / sharpness *
                        (static_cast<double>(items.size()) / static_cast<double>(share.all.size()));
      optimizer_.Backward(loss);
      metrics.front().second += loss.item<double>();
      frames_seen_ += mel_lengths.sum().item<int64_t>();
    }
    M2TTS_RETURN_IF_ERROR(SumOverProcesses(group_, &optimizer_, &metrics));
    metrics.emplace_back("gradient_norm", optimizer_.Update(learning_rate));
    return metrics;
  });
}

StatusOr<Metrics> AlignerStage::Validate() {
  return Guard("aligner validation", [&]() -> StatusOr<Metrics> {
    torch::NoGradGuard no_grad;
    const Optimizer::Averaged averaged(&optimizer_);
    double sum = 0.0;
    for (const int item : corpus_->validation) {
      BeforePiece();
      torch::Tensor text_lengths, mel_lengths;
      M2TTS_ASSIGN_OR_RETURN(const auto scores, Scores({item}, kSharpest, &text_lengths, &mel_lengths));
      sum += ForwardSumLoss(scores, text_lengths, mel_lengths).item<double>() / kSharpest;
    }
    return Metrics{{"loss", sum / static_cast<double>(corpus_->validation.size())}};
  });
}

StatusOr<Samples> AlignerStage::MakeSamples() {
  return Guard("alignment of samples", [&]() -> StatusOr<Samples> {
    torch::NoGradGuard no_grad;
    const Optimizer::Averaged averaged(&optimizer_);
    Samples samples;
    for (const int item : SampleClips(*corpus_, config_.audio)) {
      const Utterance& utterance = corpus_->utterances[item];
      M2TTS_ASSIGN_OR_RETURN(const auto scores, ScoresOf(item));
      const auto durations = MonotonicSearch(scores);
      samples.images.push_back(
          {fmt::format("alignment-{}", samples.images.size() + 1),
           DrawAlignment(utterance.id, scores, durations, utterance.sentence, config_.audio)});
    }
    return samples;
  });
}

StatusOr<std::vector<std::vector<int64_t>>> AlignerStage::AlignAll(const LoadProgress& progress) {
  return Guard("alignment", [&]() -> StatusOr<std::vector<std::vector<int64_t>>> {
    torch::NoGradGuard no_grad;
    const Optimizer::Averaged averaged(&optimizer_);
    std::vector<std::vector<int64_t>> durations;
    const size_t count = corpus_->utterances.size();
    for (int item = 0; item < static_cast<int>(count); ++item) {
      M2TTS_RETURN_IF_ERROR(progress(durations.size(), count));
      M2TTS_ASSIGN_OR_RETURN(const auto scores, ScoresOf(item));
      durations.push_back(MonotonicSearch(scores));
    }
    return durations;
  });
}

Status SaveDurations(const std::filesystem::path& path, const Corpus& corpus) {
  TensorMap tensors;
  for (const Utterance& utterance : corpus.utterances) {
    const bool left_out = utterance.durations.empty();
    const auto durations = left_out ? torch::tensor({kLeftOut}) : torch::tensor(utterance.durations);
    tensors.emplace(utterance.id, durations.to(torch::kInt32));
  }
  M2TTS_ASSIGN_OR_RETURN(const std::string bytes, SerializeSafetensors(tensors, {}));
  return WriteFileAtomic(path, bytes);
}

Status LoadDurations(const std::filesystem::path& path, Corpus* corpus) {
  M2TTS_ASSIGN_OR_RETURN(const SafetensorsFile file, ReadSafetensors(path));
  for (Utterance& utterance : corpus->utterances) {
    const auto found = file.tensors.find(utterance.id);
    const auto advice = "delete it to align anew";
    if (found == file.tensors.end())
      return DataLoss("{}: no clip '{}'; {}", path.string(), utterance.id, advice);
    const auto frames = found->second.to(torch::kInt64).contiguous();
    const int64_t* const values = frames.data_ptr<int64_t>();
    std::vector<int64_t> durations(values, values + frames.numel());
    if (durations.size() == 1 && durations[0] == kLeftOut) continue;
    const auto possible = [&](int64_t count) { return count >= 0 && count <= utterance.frames; };
    const bool fits = durations.size() == utterance.sentence.phonemes.size() &&
                      std::all_of(durations.begin(), durations.end(), possible) &&
                      std::accumulate(durations.begin(), durations.end(), int64_t{0}) == utterance.frames;
    if (!fits)
      return DataLoss("{}: clip '{}' has other phonemes or frames now; {}", path.string(), utterance.id,
                      advice);
    utterance.durations = std::move(durations);
  }
  return OkStatus();
}

}  // namespace m2tts
