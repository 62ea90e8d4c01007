// From things to say to sentences of phonemes, cut where they are over the length cap.
//
// Pure function over immutable parts; any thread may call it.
#pragma once

#include <deque>
#include <vector>

#include "core/text/phrasing/phrase_model.h"
#include "core/text/pronouncer.h"
#include "core/text/sentence.h"

namespace m2tts {

// For BuildOptions::first_phonemes of the first sentence of a text.
inline constexpr size_t kFirstPartPhonemes = 48;

struct BuildOptions {
  size_t max_phonemes = 250;  // per sentence, specials included
  // Of the first part of what has to be cut, unless a pause is to be heard there: 0 as the others. Its audio
  // waits for the whole part to be read by the model.
  size_t first_phonemes = 0;
  const UserLexicons* user = nullptr;  // may be absent
  // Closes the last sentence when its text has no punctuation there.
  PhonemeId final = kLongPause;
  // Where phrases end; may be absent. With `phrase_breaks` these places become short pauses.
  const PhraseModel* phrasing = nullptr;
  bool phrase_breaks = false;
};

// `items` of one sentence -> one sentence, or several when it has more than options.max_phonemes:
// cut after the last pause that fits (the first part: after its first pause), else where a phrase ends, else
// between words, else (one monstrous word) inside it. Each cut leaves a kLongSentence warning. Nothing for
// items without words.
std::deque<Sentence> BuildSentences(const std::vector<SpokenItem>& items, const Pronouncer& pronouncer,
                                    const BuildOptions& options);

}  // namespace m2tts
