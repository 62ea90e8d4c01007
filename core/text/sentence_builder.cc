#include "core/text/sentence_builder.h"

#include <algorithm>

namespace m2tts {
namespace {

// A word with its sound and the separator after it.
struct Piece {
  const SpokenItem* item = nullptr;
  WordPronunciation pronunciation;
  PhonemeId separator = kWordBoundary;
  bool phrase_end = false;
  std::string marks;  // the punctuation after the word, as written
  TextRange range;    // the word and its punctuation
};

bool EndsPhrase(const Piece& piece) {
  return piece.phrase_end;
}

bool EndsWithPause(const Piece& piece) {
  return piece.separator != kWordBoundary;
}

// A stronger pause wins where several stand together: '."' or '?!' or '),'.
int Strength(PhonemeId separator) {
  switch (separator) {
    case kQuestion:
      return 5;
    case kExclamation:
      return 4;
    case kLongPause:
      return 3;
    case kShortPause:
      return 2;
    default:
      return 1;
  }
}

// The words and letters of a sentence, as their neighbours see them.
std::vector<ContextWord> ContextOf(const std::vector<SpokenItem>& items) {
  std::vector<ContextWord> words;
  words.reserve(items.size());
  for (const SpokenItem& item : items) {
    if (item.kind != SpokenItem::Kind::kPause) {
      words.push_back({item.text, item.capitalized, false});
    } else if (!words.empty()) {
      words.back().pause_after = true;
    }
  }
  return words;
}

std::vector<Piece> Pronounce(const std::vector<SpokenItem>& items, const Pronouncer& pronouncer,
                             const UserLexicons& user, size_t max_word_phonemes) {
  std::vector<Piece> pieces;
  const std::vector<ContextWord> context = ContextOf(items);
  size_t word = 0;
  for (const SpokenItem& item : items) {
    if (item.kind == SpokenItem::Kind::kPause) {
      if (pieces.empty()) continue;  // a bracket or dash before the first word
      Piece& last = pieces.back();
      if (Strength(item.pause) > Strength(last.separator)) {
        last.separator = item.pause;
        last.marks = item.text;
      }
      last.range.end = std::max(last.range.end, item.source.end);
      continue;
    }
    Piece piece;
    piece.item = &item;
    piece.range = item.source;
    piece.pronunciation = pronouncer.Pronounce(item, {context, word++}, user);
    if (piece.pronunciation.phonemes.empty()) continue;
    // One word over the cap is said in several pieces.
    Pronunciation rest = std::move(piece.pronunciation.phonemes);
    while (rest.size() > max_word_phonemes) {
      Piece part = piece;
      part.pronunciation.phonemes.assign(rest.begin(),
                                         rest.begin() + static_cast<ptrdiff_t>(max_word_phonemes));
      rest.erase(rest.begin(), rest.begin() + static_cast<ptrdiff_t>(max_word_phonemes));
      pieces.push_back(std::move(part));
    }
    piece.pronunciation.phonemes = std::move(rest);
    pieces.push_back(std::move(piece));
  }
  for (size_t i = 0; i + 1 < pieces.size(); ++i) {
    if (pieces[i].pronunciation.source != PronunciationSource::kLexicon) continue;
    if (pieces[i].item->text != "the" || pieces[i].item->kind != SpokenItem::Kind::kWord) continue;
    const bool vowel = IsVowel(pieces[i + 1].pronunciation.phonemes.front().id);
    pieces[i].pronunciation.phonemes = Pronouncer::TheBefore(vowel);
  }
  return pieces;
}

// Finds the ends of phrases: never inside of what was one thing in the text, as "1984".
void MarkPhrases(const PhraseModel& model, std::vector<Piece>* pieces) {
  std::vector<PhraseWord> words;
  words.reserve(pieces->size());
  for (const Piece& piece : *pieces) words.push_back({piece.item->text, EndsWithPause(piece)});
  const std::vector<bool> breaks = model.Breaks(words);
  for (size_t i = 0; i + 1 < pieces->size(); ++i) {
    (*pieces)[i].phrase_end =
        breaks[i] && (*pieces)[i].item->source.begin != (*pieces)[i + 1].item->source.begin;
  }
}

void AppendPiece(const Piece& piece, PhonemeId final, Sentence* out) {
  const auto index = static_cast<int32_t>(out->words.size());
  out->words.push_back(
      {piece.item->text, piece.item->source, piece.item->token_class, piece.pronunciation.source});
  for (const StressedPhoneme phoneme : piece.pronunciation.phonemes) {
    out->phonemes.push_back({phoneme.id, phoneme.stress, index});
  }
  PhonemeId separator = piece.separator;
  if (separator == kWordBoundary) separator = final;
  out->phonemes.push_back({separator, Stress::kNone, -1});
  if (!out->normalized.empty()) out->normalized.push_back(' ');
  out->normalized += piece.item->text;
  out->normalized += piece.marks;
  if (piece.pronunciation.guessed) {
    out->warnings.push_back(
        {TextWarning::Kind::kUnknownWord, piece.item->source,
         "'" + piece.item->text + "' is not in the lexicon; its pronunciation is a guess"});
  }
}

// `final` closes the sentence when no punctuation does.
Sentence MakeSentence(const std::vector<Piece>& pieces, size_t begin, size_t end, PhonemeId final) {
  Sentence out;
  out.phonemes.push_back({kBegin, Stress::kNone, -1});
  for (size_t i = begin; i < end; ++i) AppendPiece(pieces[i], i + 1 == end ? final : kWordBoundary, &out);
  out.phonemes.push_back({kEnd, Stress::kNone, -1});
  out.source = {pieces[begin].range.begin, pieces[end - 1].range.end};
  return out;
}

size_t SizeOf(const Piece& piece) {
  return piece.pronunciation.phonemes.size() + 1;
}

// The end of the most pieces from `begin` on that fit.
size_t EndWithin(const std::vector<Piece>& pieces, size_t begin, size_t max_phonemes) {
  size_t count = 2;  // kBegin, kEnd
  size_t end = begin;
  while (end < pieces.size() && count + SizeOf(pieces[end]) <= max_phonemes) count += SizeOf(pieces[end++]);
  return end;
}

// After the last piece of [begin, end) that `ends` there; `end` when none does.
size_t AfterLast(bool (*ends)(const Piece&), const std::vector<Piece>& pieces, size_t begin, size_t end) {
  for (size_t i = end; i > begin; --i) {
    if (ends(pieces[i - 1])) return i;
  }
  return end;
}

// Where to cut what goes up to `end`: after a pause, else where a phrase ends, else there.
size_t EndOfPart(const std::vector<Piece>& pieces, size_t begin, size_t end) {
  const bool pauses = std::any_of(pieces.begin() + static_cast<ptrdiff_t>(begin),
                                  pieces.begin() + static_cast<ptrdiff_t>(end), EndsWithPause);
  return AfterLast(pauses ? EndsWithPause : EndsPhrase, pieces, begin, end);
}

// Of a first part, which may go up to `end`: the first pause that does not leave it very short, else the
// phrases, or words, that fit into `first_phonemes`.
size_t EndOfFirst(const std::vector<Piece>& pieces, size_t end, size_t first_phonemes) {
  size_t count = 2;
  for (size_t i = 0; i < end; ++i) {
    count += SizeOf(pieces[i]);
    if (EndsWithPause(pieces[i]) && count >= first_phonemes / 2) return i + 1;
  }
  const size_t fits = std::clamp<size_t>(EndWithin(pieces, 0, first_phonemes), 1, end);
  return AfterLast(EndsPhrase, pieces, std::min(EndWithin(pieces, 0, first_phonemes * 3 / 4), fits), fits);
}

}  // namespace

std::deque<Sentence> BuildSentences(const std::vector<SpokenItem>& items, const Pronouncer& pronouncer,
                                    const BuildOptions& options) {
  const size_t max_phonemes = options.max_phonemes;
  const size_t specials = 3;  // kBegin, a separator, kEnd
  static const UserLexicons kNoLexicons;
  std::vector<Piece> pieces = Pronounce(
      items, pronouncer, options.user != nullptr ? *options.user : kNoLexicons, max_phonemes - specials);
  const bool cuts = EndWithin(pieces, 0, max_phonemes) < pieces.size();
  if (options.phrasing != nullptr && (options.phrase_breaks || cuts)) MarkPhrases(*options.phrasing, &pieces);
  if (options.phrase_breaks) {
    for (Piece& piece : pieces) {
      if (EndsPhrase(piece) && !EndsWithPause(piece)) piece.separator = kShortPause;
    }
  }
  std::deque<Sentence> sentences;
  for (size_t begin = 0; begin < pieces.size();) {
    size_t end = EndWithin(pieces, begin, max_phonemes);
    const bool cut = end < pieces.size();
    if (cut && begin == 0 && options.first_phonemes > 0) {
      end = EndOfFirst(pieces, end, options.first_phonemes);
    } else if (cut) {
      end = EndOfPart(pieces, begin, end);
    }
    Sentence sentence = MakeSentence(pieces, begin, end, cut ? kLongPause : options.final);
    if (cut) {
      sentence.warnings.push_back({TextWarning::Kind::kLongSentence, sentence.source,
                                   "the sentence is over the length limit and is spoken in parts"});
    }
    sentences.push_back(std::move(sentence));
    begin = end;
  }
  return sentences;
}

}  // namespace m2tts
