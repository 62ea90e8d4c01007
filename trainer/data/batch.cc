#include "trainer/data/batch.h"

#include <algorithm>

#include "core/sentence_batch.h"
#include "core/text/phoneme.h"

namespace m2tts {
namespace {

// The parts of a batch that need an alignment. features: of each item.
void FillAlignment(const Corpus& corpus, const std::vector<int>& items,
                   const std::vector<ClipFeatures>& features, AcousticBatch* batch) {
  batch->durations = torch::zeros_like(batch->phonemes.ids);
  batch->pitch = torch::zeros(batch->phonemes.ids.sizes());
  batch->energy = torch::zeros(batch->phonemes.ids.sizes());
  batch->frame_pitch = torch::zeros({batch->mel.size(0), batch->mel.size(1)});
  auto durations = batch->durations.accessor<int64_t, 2>();
  auto pitch = batch->pitch.accessor<float, 2>(), energy = batch->energy.accessor<float, 2>();
  for (size_t b = 0; b < items.size(); ++b) {
    const Utterance& utterance = corpus.utterances[items[b]];
    const auto& log_pitch = features[b].log_pitch;
    const auto range = [&](const torch::Tensor& of_speakers) {
      const auto row = of_speakers[utterance.speaker];
      return std::make_pair(row[0].item<float>(), row[1].item<float>());
    };
    const auto [middle, deviation] = range(corpus.statistics.pitch);
    const auto [level, spread] = range(corpus.statistics.energy);
    // Never voiced: zero, which is the speaker's mean.
    const bool voiced = log_pitch[0].item<float>() != 0.0f;
    if (voiced) {
      batch->frame_pitch[b].narrow(0, 0, utterance.frames).copy_((log_pitch - middle) / deviation);
    }
    const auto pitches = PhonemeMeans(log_pitch, utterance.durations);
    const auto energies = PhonemeMeans(features[b].energy, utterance.durations);
    for (size_t t = 0; t < utterance.durations.size(); ++t) {
      durations[b][t] = utterance.durations[t];
      if (utterance.durations[t] == 0) continue;
      if (voiced) pitch[b][t] = (pitches[t] - middle) / deviation;
      energy[b][t] = (energies[t] - level) / spread;
    }
  }
}

// Dimension 1 made as long as `length`.
torch::Tensor PadTo(const torch::Tensor& tensor, int64_t length, double value) {
  std::vector<int64_t> padding(2 * (tensor.dim() - 1), 0);  // from the last dimension to the second
  padding.back() = length - tensor.size(1);
  return torch::constant_pad_nd(tensor, padding, value);
}

}  // namespace

AcousticBatch AcousticBatch::To(const torch::Device& device) const {
  const auto moved = [&](const torch::Tensor& tensor) {
    return tensor.defined() ? tensor.to(device) : tensor;
  };
  return {phonemes.To(device), moved(mel),         moved(mel_lengths), moved(durations),
          moved(pitch),        moved(frame_pitch), moved(energy)};
}

StatusOr<AcousticBatch> MakeAcousticBatch(const Corpus& corpus, const std::vector<int>& items,
                                          const BatchGrid& grid) {
  std::vector<const Sentence*> sentences;
  std::vector<ClipFeatures> all_features;
  std::vector<torch::Tensor> mels;
  std::vector<int64_t> lengths;
  std::vector<int> speakers;
  for (const int item : items) {
    const Utterance& utterance = corpus.utterances[item];
    sentences.push_back(&utterance.sentence);
    M2TTS_ASSIGN_OR_RETURN(ClipFeatures features, corpus.Features(item));
    mels.push_back(features.mel);
    all_features.push_back(std::move(features));
    lengths.push_back(utterance.frames);
    speakers.push_back(utterance.speaker);
  }
  AcousticBatch batch;
  batch.phonemes = MakePhonemeBatch(sentences, speakers);
  const int64_t phonemes = RoundUp(batch.phonemes.ids.size(1), grid.phonemes);
  batch.phonemes.ids = PadTo(batch.phonemes.ids, phonemes, kPad);
  batch.phonemes.stress = PadTo(batch.phonemes.stress, phonemes, 0);
  batch.mel = torch::nn::utils::rnn::pad_sequence(mels, true);
  batch.mel = PadTo(batch.mel, RoundUp(batch.mel.size(1), grid.frames), 0.0);
  batch.mel_lengths = torch::tensor(lengths);
  if (!corpus.utterances[items.front()].durations.empty()) FillAlignment(corpus, items, all_features, &batch);
  return batch;
}

std::vector<float> PhonemeMeans(const torch::Tensor& per_frame, const std::vector<int64_t>& durations) {
  const float* values = per_frame.data_ptr<float>();
  std::vector<float> means;
  means.reserve(durations.size());
  for (const int64_t duration : durations) {
    double sum = 0.0;
    for (int64_t i = 0; i < duration; ++i) sum += *values++;
    means.push_back(duration > 0 ? static_cast<float>(sum / static_cast<double>(duration)) : 0.0f);
  }
  return means;
}

}  // namespace m2tts
