#include "core/sentence_batch.h"

#include <algorithm>
#include <string>

#include "core/text/arpabet.h"

namespace m2tts {
namespace {

// Begin, the words with boundaries between them, a full stop, end.
Sentence* Spell(const std::vector<std::string>& words) {
  auto* sentence = new Sentence;
  auto& phonemes = sentence->phonemes;
  phonemes.push_back({kBegin, Stress::kNone, -1});
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) phonemes.push_back({kWordBoundary, Stress::kNone, -1});
    const auto word = ParseArpabet(words[i]);
    if (!word.ok()) continue;  // the tests count them
    for (const StressedPhoneme& phoneme : *word) phonemes.push_back({phoneme.id, phoneme.stress, -1});
  }
  phonemes.push_back({kLongPause, Stress::kNone, -1});
  phonemes.push_back({kEnd, Stress::kNone, -1});
  return sentence;
}

}  // namespace

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

PhonemeBatch MakeMixedBatch(const std::vector<const Sentence*>& sentences,
                            const std::vector<std::vector<double>>& weights) {
  PhonemeBatch batch = MakePhonemeBatch(sentences, std::vector<int>(sentences.size(), 0));
  const auto count = static_cast<int64_t>(sentences.size());
  const auto speakers = weights.empty() ? 1 : static_cast<int64_t>(weights.front().size());
  batch.speaker = torch::zeros({count, speakers});
  auto shares = batch.speaker.accessor<float, 2>();
  for (int64_t b = 0; b < count; ++b) {
    for (int64_t i = 0; i < speakers; ++i) shares[b][i] = static_cast<float>(weights[b][i]);
  }
  return batch;
}

const Sentence& GoldenSentence() {
  static const Sentence* const kGolden = Spell({"HH AH0 L OW1", "W ER1 L D"});
  return *kGolden;
}

const Sentence& LoudnessSentence() {
  static const Sentence* const kPangram =
      Spell({"DH AH0", "K W IH1 K", "B R AW1 N", "F AA1 K S", "JH AH1 M P S", "OW1 V ER0", "DH AH0",
             "L EY1 Z IY0", "D AO1 G"});
  return *kPangram;
}

}  // namespace m2tts
