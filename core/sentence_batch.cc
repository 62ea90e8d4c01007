#include "core/sentence_batch.h"

#include <algorithm>

namespace m2tts {

PhonemeBatch MakePhonemeBatch(const std::vector<const Sentence*>& sentences,
                              const std::vector<int>& speakers) {
  const auto count = static_cast<int64_t>(sentences.size());
  size_t longest = 0;
  for (const Sentence* sentence : sentences) longest = std::max(longest, sentence->phonemes.size());
  PhonemeBatch batch;
  batch.ids = torch::full({count, static_cast<int64_t>(longest)}, kPad, torch::kInt64);
  batch.stress = torch::zeros_like(batch.ids);
  batch.lengths = torch::zeros({count}, torch::kInt64);
  batch.speaker = torch::zeros({count}, torch::kInt64);
  auto ids = batch.ids.accessor<int64_t, 2>();
  auto stress = batch.stress.accessor<int64_t, 2>();
  for (int64_t b = 0; b < count; ++b) {
    const auto& phonemes = sentences[b]->phonemes;
    for (size_t t = 0; t < phonemes.size(); ++t) {
      ids[b][t] = phonemes[t].id;
      stress[b][t] = static_cast<int64_t>(phonemes[t].stress);
    }
    batch.lengths[b] = static_cast<int64_t>(phonemes.size());
    batch.speaker[b] = speakers[b];
  }
  return batch;
}

const Sentence& GoldenSentence() {
  static const Sentence* const kGolden = [] {
    const auto phoneme = [](const char* symbol, Stress stress) {
      return Phoneme{PhonemeFromSymbol(symbol).value_or(kPad), stress, -1};
    };
    auto* sentence = new Sentence;
    sentence->phonemes = {
        {kBegin, Stress::kNone, -1}, phoneme("HH", Stress::kNone),    phoneme("AX", Stress::kUnstressed),
        phoneme("L", Stress::kNone), phoneme("OW", Stress::kPrimary), {kWordBoundary, Stress::kNone, -1},
        phoneme("W", Stress::kNone), phoneme("ER", Stress::kPrimary), phoneme("L", Stress::kNone),
        phoneme("D", Stress::kNone), {kLongPause, Stress::kNone, -1}, {kEnd, Stress::kNone, -1}};
    return sentence;
  }();
  return *kGolden;
}

}  // namespace m2tts
