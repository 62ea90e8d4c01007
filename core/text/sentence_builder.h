// From things to say to sentences of phonemes, cut where they are over the length cap.
//
// Pure function over immutable parts; any thread may call it.
#pragma once

#include <deque>
#include <vector>

#include "core/text/pronouncer.h"
#include "core/text/sentence.h"

namespace m2tts {

struct BuildOptions {
  size_t max_phonemes = 250;           // per sentence, specials included
  const UserLexicons* user = nullptr;  // may be absent
  // Closes the last sentence when its text has no punctuation there.
  PhonemeId final = kLongPause;
};

// `items` of one sentence -> one sentence, or several when it has more than options.max_phonemes:
// cut after the last pause that fits, else between words, else (one monstrous word) inside
// it. Each cut leaves a kLongSentence warning. Nothing for items without words.
std::deque<Sentence> BuildSentences(const std::vector<SpokenItem>& items, const Pronouncer& pronouncer,
                                    const BuildOptions& options);

}  // namespace m2tts
