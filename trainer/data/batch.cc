#include "trainer/data/batch.h"

#include <algorithm>

#include "core/sentence_batch.h"

namespace m2tts {
namespace {

void FillAlignment(const Corpus& corpus, const std::vector<int>& items,
                   const std::vector<torch::Tensor>& log_pitch, AcousticBatch* batch) {
  batch->durations = torch::zeros_like(batch->phonemes.ids);
  batch->pitch = torch::zeros(batch->phonemes.ids.sizes());
  batch->frame_pitch = torch::zeros({batch->mel.size(0), batch->mel.size(1)});
  auto durations = batch->durations.accessor<int64_t, 2>();
  auto pitch = batch->pitch.accessor<float, 2>();
  for (size_t b = 0; b < items.size(); ++b) {
    const Utterance& utterance = corpus.utterances[items[b]];
    const auto range = corpus.statistics.pitch[utterance.speaker];
    const float middle = range[0].item<float>(), deviation = range[1].item<float>();
    // Never voiced: zero, which is the speaker's mean.
    if (log_pitch[b][0].item<float>() != 0.0f) {
      batch->frame_pitch[b].narrow(0, 0, utterance.frames).copy_((log_pitch[b] - middle) / deviation);
    }
    const auto means = PhonemeMeans(log_pitch[b], utterance.durations);
    for (size_t t = 0; t < utterance.durations.size(); ++t) {
      durations[b][t] = utterance.durations[t];
      if (means[t] == 0.0f) continue;
      pitch[b][t] = (means[t] - middle) / deviation;
    }
  }
}

}  // namespace

StatusOr<AcousticBatch> MakeAcousticBatch(const Corpus& corpus, const std::vector<int>& items) {
  std::vector<const Sentence*> sentences;
  std::vector<torch::Tensor> mels, log_pitch;
  std::vector<int64_t> lengths;
  std::vector<int> speakers;
  for (const int item : items) {
    const Utterance& utterance = corpus.utterances[item];
    sentences.push_back(&utterance.sentence);
    M2TTS_ASSIGN_OR_RETURN(const ClipFeatures features, corpus.Features(item));
    mels.push_back(features.mel);
    log_pitch.push_back(features.log_pitch);
    lengths.push_back(utterance.frames);
    speakers.push_back(utterance.speaker);
  }
  AcousticBatch batch;
  batch.phonemes = MakePhonemeBatch(sentences, speakers);
  batch.mel = torch::nn::utils::rnn::pad_sequence(mels, true);
  batch.mel_lengths = torch::tensor(lengths);
  if (!corpus.utterances[items.front()].durations.empty()) FillAlignment(corpus, items, log_pitch, &batch);
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
