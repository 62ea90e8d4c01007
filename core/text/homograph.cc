#include "core/text/homograph.h"

#include <algorithm>
#include <array>

#include "core/text/morphology.h"
#include "core/text/word_class.h"

namespace m2tts {
namespace {

// Bits of ClassScores' members.
using Classes = unsigned;
constexpr Classes kNone = 0;  // reached by a cue only
constexpr Classes kNoun = 1;
constexpr Classes kVerbal = 2;
constexpr Classes kPast = 4;
constexpr Classes kAttributive = 8;
constexpr Classes kPredicative = 16;
constexpr Classes kNominal = kNoun | kAttributive | kPredicative;

struct Reading {
  Classes classes;
  std::string_view arpabet;
};

struct Homograph {
  std::string_view word;
  bool takes_s;
  std::array<Reading, 2> readings;
};

#define HOMOGRAPH(word, takes_s, classes0, arpabet0, classes1, arpabet1) \
  Homograph{word, takes_s, {{{classes0, arpabet0}, {classes1, arpabet1}}}},
constexpr Homograph kHomographs[] = {
#include "core/text/homograph_table.inc"
};
#undef HOMOGRAPH

struct Cue {
  std::string_view word;
  int first;
  int last;
  std::string_view cues;
  size_t reading;
  bool outside_noun_phrase;
};

#define CUE(word, first, last, cues, reading, outside) Cue{word, first, last, cues, reading, outside},
constexpr Cue kCues[] = {
#include "core/text/homograph_cues.inc"
};
#undef CUE

const Homograph* Find(std::string_view word) {
  const auto* const found =
      std::lower_bound(std::begin(kHomographs), std::end(kHomographs), word,
                       [](const Homograph& h, std::string_view w) { return h.word < w; });
  return found != std::end(kHomographs) && found->word == word ? found : nullptr;
}

// Whether `word` is one of the blank-separated `list`.
bool Lists(std::string_view list, std::string_view word) {
  for (size_t at = list.find(word); at != std::string_view::npos; at = list.find(word, at + 1)) {
    const size_t end = at + word.size();
    if ((at == 0 || list[at - 1] == ' ') && (end == list.size() || list[end] == ' ')) return true;
  }
  return false;
}

const Cue* FindCue(std::string_view word, const WordContext& context) {
  const auto [begin, end] =
      std::equal_range(std::begin(kCues), std::end(kCues), Cue{word, 0, 0, {}, 0, false},
                       [](const Cue& a, const Cue& b) { return a.word < b.word; });
  for (const Cue* cue = begin; cue != end; ++cue) {
    if (cue->outside_noun_phrase && InNounPhrase(context)) continue;
    for (int offset = cue->first; offset <= cue->last; ++offset) {
      // One neighbour must touch the word; a wider company may stand behind a comma.
      const bool wide = cue->last - cue->first > 2;
      const std::string_view neighbour = wide ? context.Far(offset) : context.Near(offset);
      if (offset != 0 && !neighbour.empty() && Lists(cue->cues, neighbour)) return cue;
    }
  }
  return nullptr;
}

int Score(Classes classes, const ClassScores& s) {
  int best = -100;
  if ((classes & kNoun) != 0) best = std::max(best, s.noun);
  if ((classes & kVerbal) != 0) best = std::max(best, s.verb);
  if ((classes & kPast) != 0) best = std::max(best, s.past);
  if ((classes & kAttributive) != 0) best = std::max(best, s.attributive);
  if ((classes & kPredicative) != 0) best = std::max(best, s.predicative);
  return best;
}

// "in Nice", "near Reading", "Polish food": the capital inside a sentence tells.
bool IsProperName(const WordContext& context) {
  const std::string_view word = context.word().text;
  if (!context.word().capitalized) return false;
  if (word == "polish") {
    const WordKinds next = KindsOf(context.Near(1));
    return !context.first() || (!context.Near(1).empty() && (next & (kDeterminer | kObjective)) == 0);
  }
  if (context.first() || (word != "nice" && word != "reading")) return false;
  const std::string_view previous = context.Near(-1);
  return Lists("in to from near at of between visit visited", previous) && !previous.empty();
}

// "I used to swim", "we are used to it", but "salt is used to melt ice".
bool IsAccustomed(const WordContext& context) {
  if (context.Near(1) != "to") return false;
  const std::string_view previous = context.Near(-1);
  const WordKinds kinds = KindsOf(previous);
  const std::string_view before = context.Near(-2);
  const bool passive = (kinds & kBeWord) != 0 || ((kinds & kAdverb) != 0 && (KindsOf(before) & kBeWord) != 0);
  if (!passive) return (kinds & kHaveWord) == 0;
  if (Lists("get gets got getting gotten become became", previous)) return true;
  const WordKinds after = KindsOf(context.Near(2));
  return context.Near(2).empty() || (after & (kDeterminer | kObjective | kThird | kIngForm | kPlural)) != 0;
}

size_t ChooseReading(const Homograph& homograph, const WordContext& context) {
  if (const Cue* const cue = FindCue(homograph.word, context)) return cue->reading;
  if (IsProperName(context)) return 1;
  if (homograph.word == "used") return IsAccustomed(context) ? 1 : 0;
  // "Read more", but "Read by millions".
  const std::string_view next = context.Near(1);
  if (homograph.word == "read" && context.first() && !next.empty() && !Lists("by receipt receipts", next))
    return 0;
  ClassScores scores = ScoreClasses(context);
  if (homograph.word == "read") scores.past += std::clamp(PastEvidence(context), -3, 3);
  return Score(homograph.readings[1].classes, scores) > Score(homograph.readings[0].classes, scores) ? 1 : 0;
}

// "vitamin A", "an A", "A is for apple" against the article.
bool IsLetterA(const WordContext& context) {
  const std::string_view previous = context.Near(-1);
  if (!previous.empty() && Lists("vitamin grade plan letter point section part type group hepatitis class "
                                 "option exhibit appendix block "
                                 "an the letters straight case series level schedule question item",
                                 previous)) {
    return context.word().capitalized || previous == "the" || previous == "an" || previous == "letter";
  }
  if (!context.word().capitalized) return false;
  const std::string_view next = context.Near(1);
  return next.empty() || Lists("is and or to was through minus plus", next);
}

}  // namespace

std::optional<Pronunciation> ChooseHomograph(const WordContext& context) {
  std::string_view word = context.word().text;
  if (word == "a") {
    if (!IsLetterA(context)) return std::nullopt;
    return ParseArpabet("EY1").value();
  }
  if (word.size() < 3) return std::nullopt;
  const Homograph* homograph = Find(word);
  const bool possessive = homograph == nullptr && word.size() > 4 && word.substr(word.size() - 2) == "'s";
  if (homograph == nullptr && word.back() == 's') {
    word.remove_suffix(possessive ? 2 : 1);
    homograph = Find(word);
    if (homograph == nullptr || (!homograph->takes_s && !possessive)) return std::nullopt;
    size_t reading = 0;
    if (!possessive) {
      reading = ChooseReading(*homograph, context);
    } else if (Score(homograph->readings[1].classes, {1, 0, 0, 0, 0}) == 1) {
      reading = 1;  // only a noun takes it
    }
    Pronunciation out = ParseArpabet(homograph->readings[reading].arpabet).value();
    AppendPluralS(&out);
    return out;
  }
  if (homograph == nullptr) return std::nullopt;
  return ParseArpabet(homograph->readings[ChooseReading(*homograph, context)].arpabet).value();
}

WordRole GuessRole(const WordContext& context) {
  const ClassScores scores = ScoreClasses(context);
  const int noun = std::max({scores.noun, scores.attributive, scores.predicative});
  const int verb = std::max(scores.verb, scores.past);
  constexpr int kSure = 3;  // the margin below which neighbours tell nothing
  if (noun >= verb + kSure) return WordRole::kNoun;
  return verb >= noun + kSure ? WordRole::kVerb : WordRole::kAny;
}

}  // namespace m2tts
