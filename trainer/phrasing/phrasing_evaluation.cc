#include "trainer/phrasing/phrasing_evaluation.h"

namespace m2tts {

PhrasingScore ScorePhrasing(const PhraseModel& model, const std::vector<TaggedSentence>& sentences) {
  PhrasingScore score;
  for (const TaggedSentence& sentence : sentences) {
    const std::vector<std::string_view> tokens = TokensOf(sentence);
    const std::vector<uint8_t> tags = model.Tag(tokens);
    const std::vector<Juncture> junctures = GivenJunctures(tokens);
    const std::vector<bool> breaks = model.BreaksBetween(tokens);
    for (size_t i = 0; i < sentence.size(); ++i) {
      if (!sentence[i].text.empty()) {
        ++score.words;
        score.right_tags += model.TagName(tags[i]) == sentence[i].tag ? 1 : 0;
      }
      if (junctures[i].given != Juncture::Given::kOpen) continue;
      ++score.places;
      score.breaks += sentence[i].break_after ? 1 : 0;
      score.found += breaks[i] && sentence[i].break_after ? 1 : 0;
      score.wrong += breaks[i] && !sentence[i].break_after ? 1 : 0;
    }
  }
  return score;
}

}  // namespace m2tts
