// How well a phrasing model tags and pauses, against sentences where both are known.
#pragma once

#include <cstddef>
#include <vector>

#include "core/text/phrasing/phrase_model.h"
#include "trainer/phrasing/tagged_text.h"

namespace m2tts {

struct PhrasingScore {
  size_t words = 0;
  size_t right_tags = 0;
  size_t places = 0;  // between words, without punctuation
  size_t breaks = 0;  // of these
  size_t found = 0;   // breaks that the model makes too
  size_t wrong = 0;   // breaks that only the model makes

  double Precision() const { return Ratio(found, found + wrong); }
  double Recall() const { return Ratio(found, breaks); }
  double F1() const { return Ratio(2 * found, found + wrong + breaks); }
  double TagAccuracy() const { return Ratio(right_tags, words); }

 private:
  static double Ratio(size_t part, size_t all) {
    return all > 0 ? static_cast<double>(part) / static_cast<double>(all) : 0.0;
  }
};

PhrasingScore ScorePhrasing(const PhraseModel& model, const std::vector<TaggedSentence>& sentences);

}  // namespace m2tts
