#include "core/text/pronouncer.h"

#include "core/text/char_class.h"
#include "core/text/homograph.h"
#include "core/text/letter_name.h"
#include "core/text/morphology.h"

namespace m2tts {

const Pronunciation& Pronouncer::TheBefore(bool vowel) {
  static const Pronunciation kFull = *ParseArpabet("DH IY0");
  static const Pronunciation kWeak = *ParseArpabet("DH AH0");
  return vowel ? kFull : kWeak;
}

WordPronunciation Pronouncer::Pronounce(const SpokenItem& item, const WordContext& context,
                                        const UserLexicons& user) const {
  WordPronunciation out;
  if (!item.given.empty()) return {item.given, PronunciationSource::kInline, false};
  const std::string_view word = item.text;
  const WordRole role = user.empty() ? WordRole::kAny : GuessRole(context);
  for (const auto& lexicon : user) {
    const UserLexicon::Entry* const entry = lexicon->Find(word, role);
    if (entry == nullptr) continue;
    out.phonemes = entry->phonemes;
    for (const std::string& alias : entry->alias) {
      const WordPronunciation part = PronounceAlone(alias);
      out.phonemes.insert(out.phonemes.end(), part.phonemes.begin(), part.phonemes.end());
    }
    out.source = PronunciationSource::kUserLexicon;
    return out;
  }
  if (item.kind == SpokenItem::Kind::kLetter && IsLowerChar(word[0])) {
    out.phonemes = LetterName(word[0]);
    if (word.size() > 1) AppendPluralS(&out.phonemes);  // "b's"
    out.source = PronunciationSource::kRule;
    return out;
  }
  if (!item.written.empty()) {
    if (const std::optional<LexiconEntry> entry = lexicon_->Find(item.written)) {
      entry->Append(0, &out.phonemes);
      return out;
    }
  }
  if (std::optional<Pronunciation> chosen = ChooseHomograph(context)) {
    out.phonemes = std::move(*chosen);
    return out;
  }
  return PronounceAlone(word);
}

// A word out of context: lexicon, parts, guess.
WordPronunciation Pronouncer::PronounceAlone(std::string_view word) const {
  WordPronunciation out;
  if (const std::optional<LexiconEntry> entry = lexicon_->Find(word)) {
    entry->Append(0, &out.phonemes);
    return out;
  }
  out.source = PronunciationSource::kRule;
  if (std::optional<Pronunciation> parts = PronounceByParts(word, *lexicon_)) {
    out.phonemes = std::move(*parts);
    return out;
  }
  out.guessed = true;
  out.source = PronunciationSource::kModel;
  const bool possessive = word.size() > 2 && word.substr(word.size() - 2) == "'s";
  out.phonemes = guesser_->Guess(possessive ? word.substr(0, word.size() - 2) : word);
  if (possessive && !out.phonemes.empty()) AppendPluralS(&out.phonemes);
  return out;
}

}  // namespace m2tts
