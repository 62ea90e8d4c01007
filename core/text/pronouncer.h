// From words to phonemes: homographs, then the lexicon, then parts, then letter-to-sound.
//
// Immutable after construction; any thread may call it. Later levels of user lexicons and a
// trained G2P model take their place in Pronounce's order.
#pragma once

#include <memory>
#include <string_view>

#include "core/text/letter_to_sound.h"
#include "core/text/lexicon.h"
#include "core/text/rules.h"
#include "core/text/user_lexicon.h"
#include "core/text/word_context.h"

namespace m2tts {

struct WordPronunciation {
  Pronunciation phonemes;
  PronunciationSource source = PronunciationSource::kLexicon;
  bool guessed = false;  // by letter-to-sound: worth a warning
};

class Pronouncer {
 public:
  // `lexicon` must outlive the pronouncer.
  explicit Pronouncer(const Lexicon* lexicon) : lexicon_(lexicon) {}

  // `item` is a word or a letter, at the place of `context`. Never empty for text with a letter
  // in it. `user` is asked first, in its order.
  WordPronunciation Pronounce(const SpokenItem& item, const WordContext& context,
                              const UserLexicons& user) const;

  // "the" sounds as the phoneme after it asks: "the end", "the man".
  static Pronunciation TheBefore(bool vowel);

 private:
  WordPronunciation PronounceAlone(std::string_view word) const;

  const Lexicon* lexicon_;
  LetterToSound letter_to_sound_;
};

}  // namespace m2tts
