#include "trainer/g2p/dictionary_split.h"

#include <algorithm>

#include "core/base/fnv1a.h"
#include "core/text/g2p_format.h"

namespace m2tts {

SplitPart PartOf(std::string_view word) {
  switch (Fnv1a64(word) % 20) {
    case 0:
      return SplitPart::kTest;
    case 1:
      return SplitPart::kDevelopment;
    default:
      return SplitPart::kTrain;
  }
}

DictionarySplit SplitDictionary(const std::vector<DictionaryEntry>& entries) {
  DictionarySplit split;
  for (const DictionaryEntry& entry : entries) {
    const std::string& word = entry.word;
    const bool readable =
        std::all_of(word.begin(), word.end(), [](char c) { return g2p_format::LetterIndex(c) >= 0; });
    if (!readable || word.find_first_not_of('\'') == std::string::npos) continue;
    switch (PartOf(word)) {
      case SplitPart::kTrain:
        split.train.push_back(entry);
        break;
      case SplitPart::kDevelopment:
        split.development.push_back(entry);
        break;
      case SplitPart::kTest:
        split.test.push_back(entry);
        break;
    }
  }
  return split;
}

}  // namespace m2tts
