// From words to phonemes: homographs, then the lexicon, then parts, then the model.
//
// Immutable after construction; any thread may call it. Later levels of user lexicons
// take their place in Pronounce's order.
#pragma once

#include <memory>
#include <string_view>

#include "core/text/lexicon.h"
#include "core/text/rules.h"
#include "core/text/user_lexicon.h"
#include "core/text/word_context.h"
#include "core/text/word_guesser.h"

namespace m2tts {

struct WordPronunciation {
  Pronunciation phonemes;
  PronunciationSource source = PronunciationSource::kLexicon;
  bool guessed = false;  // by the model: worth a warning
};

class Pronouncer {
 public:
  // Both must outlive the pronouncer.
  Pronouncer(const Lexicon* lexicon, const WordGuesser* guesser) : lexicon_(lexicon), guesser_(guesser) {}

  // `item` is a word or a letter, at the place of `context`. Never empty for text with a letter
  // in it. `user` is asked first, in its order.
  WordPronunciation Pronounce(const SpokenItem& item, const WordContext& context,
                              const UserLexicons& user) const;

  // "the" sounds as the phoneme after it asks: "the end", "the man".
  static const Pronunciation& TheBefore(bool vowel);

 private:
  WordPronunciation PronounceAlone(std::string_view word) const;

  const Lexicon* lexicon_;
  const WordGuesser* guesser_;
};

}  // namespace m2tts
