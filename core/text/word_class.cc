#include "core/text/word_class.h"

#include <algorithm>
#include <array>
#include <utility>

namespace m2tts {
namespace {

struct KnownKind {
  std::string_view words;  // separated by blanks
  WordKinds kinds;
};

constexpr std::array kKnown = {
    KnownKind{"the a an my your our their its every each another no some any whose both either neither "
              "several many few most all such two-way",
              kDeterminer},
    KnownKind{"this that these those", kDeterminer},
    KnownKind{"his", kDeterminer},
    KnownKind{"her", kDeterminer | kObjective},
    KnownKind{"to", kToWord},
    KnownKind{"will would can could shall should may might must do does did cannot let's gonna wanna gotta "
              "i'll you'll we'll they'll he'll she'll it'll i'd you'd we'd they'd he'd she'd who'll that'll",
              kModal},
    KnownKind{"have has had having i've you've we've they've", kHaveWord},
    KnownKind{"is are was were be been being am i'm you're we're they're he's she's it's that's there's "
              "what's who's here's isn't aren't wasn't weren't",
              kBeWord},
    KnownKind{
        "get gets got getting become became becomes seem seems seemed remain remains remained feel feels "
        "felt look looks looked stay stays stayed",
        kBeWord},
    KnownKind{"i we they who you", kSubject},
    KnownKind{"he she", kThird},
    KnownKind{"it", kThird | kObjective},
    KnownKind{"me him them us", kObjective},
    KnownKind{
        "of in on at by for with from into about under over after before between through during without "
        "within against per via upon toward towards across behind beyond near along among despite inside "
        "outside onto until since like than as above below around off down up out",
        kPreposition},
    KnownKind{
        "not never always often also just still only even ever sometimes usually rarely seldom soon then "
        "again already well too very quite rather almost really now so perhaps maybe please thus once "
        "twice together there here",
        kAdverb},
    KnownKind{"and or but nor", kConjunction},
    KnownKind{"how what when where why which if whether because while although though unless", kQuestionWord},
    KnownKind{
        "one two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty hundred "
        "thousand million first second third fourth fifth last next",
        kNumeral},
    KnownKind{
        "good bad new old great big small little long short high low own same other major minor main early "
        "late poor rich strong weak rough final whole recent steep sharp cold hot warm clear common fresh "
        "huge large wide deep free full half hard heavy light quick fast slow nice real safe serious "
        "simple single special strange sudden true young white black red blue green main best worst "
        "better more less much public private general current previous daily weekly monthly annual open "
        "gentle rising growing ongoing armed bitter fair",
        kAdjective},
    KnownKind{"let make makes made help helps helped helping watch see saw hear heard dare please",
              kTakesVerb},
    KnownKind{"people children men women police staff families workers experts analysts scientists fish "
              "sheep cattle nobody everybody",
              kGroup | kPlural},
};

bool EndsWith(std::string_view word, std::string_view end) {
  return word.size() > end.size() + 1 && word.substr(word.size() - end.size()) == end;
}

bool EndsWithAny(std::string_view word, std::initializer_list<std::string_view> ends) {
  return std::any_of(ends.begin(), ends.end(), [&](std::string_view end) { return EndsWith(word, end); });
}

using KnownTable = std::vector<std::pair<std::string_view, WordKinds>>;

const KnownTable& Known() {
  static const auto* const table = [] {
    auto* const out = new KnownTable();
    for (const KnownKind& known : kKnown) {
      std::string_view rest = known.words;
      while (!rest.empty()) {
        const size_t blank = rest.find(' ');
        out->emplace_back(rest.substr(0, blank), known.kinds);
        rest.remove_prefix(blank == std::string_view::npos ? rest.size() : blank + 1);
      }
    }
    std::stable_sort(out->begin(), out->end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    return out;
  }();
  return *table;
}

bool EndsInS(std::string_view word) {
  return EndsWith(word, "s") && !EndsWithAny(word, {"ss", "us", "is", "'s"});
}

// The word that governs from before: adverbs between are passed over ("never really read").
// Sets `*offset` to its place.
WordKinds Governor(const WordContext& context, int* offset, std::string_view* word) {
  for (*offset = -1; *offset > -4; --*offset) {
    *word = context.Near(*offset);
    if (word->empty()) return 0;
    const WordKinds kinds = KindsOf(*word);
    if ((kinds & kAdverb) == 0) return kinds;
  }
  *word = {};
  return 0;
}

void ScoreBefore(const WordContext& context, WordKinds next, ClassScores* s) {
  int at = 0;
  std::string_view word;
  const WordKinds kinds = Governor(context, &at, &word);
  const WordKinds before = KindsOf(context.Near(at - 1));
  const bool third_form = EndsInS(context.word().text);
  if (word.empty()) {  // the start of a clause
    const bool object = (next & (kDeterminer | kObjective | kNumeral)) != 0;
    s->verb += object ? 4 : 0;
    s->noun += 1;
    s->attributive += 1;
  } else if ((kinds & kToWord) != 0) {
    // "according to records", "due to conflict": "to" is a preposition there.
    const std::string_view head = context.Near(at - 1);
    const bool preposition = head == "according" || head == "due" || head == "thanks" || head == "subject" ||
                             head == "access" || head == "response" || head == "addition" || third_form;
    (preposition ? s->noun : s->verb) += 6;
  } else if ((kinds & kModal) != 0) {
    s->verb += 6;
    s->past -= 4;
  } else if ((kinds & (kSubject | kThird)) != 0) {
    const bool asks = (before & kModal) != 0;
    s->verb += asks ? 7 : (kinds & kSubject) != 0 ? 5 : third_form ? 5 : -2;
    s->past += asks ? -4 : (before & kHaveWord) != 0 ? 8 : 5;
    s->predicative += (before & kBeWord) != 0 ? 9 : 0;
    if ((kinds & kSubject) != 0 && third_form) s->verb -= 2;
  } else if ((kinds & kDeterminer) != 0) {
    s->noun += 6;
    s->attributive += 6;
    s->verb -= 4;
    s->past -= 3;
    // "This presents a problem", "apps that use your location".
    const bool pronoun = word == "this" || word == "that";
    if (pronoun && (third_form || (word == "that" && (before & kPlural) != 0))) s->verb += 11;
  } else if ((kinds & (kTakesVerb)) != 0) {
    s->verb += 3;
    s->noun += 2;
    s->attributive += 2;
  } else if ((kinds & kObjective) != 0) {
    s->verb += (before & kTakesVerb) != 0 ? 5 : 0;
    s->noun += 1;
    s->attributive += 1;
  } else if ((kinds & kPreposition) != 0) {
    s->noun += 5;
    s->attributive += 5;
    s->verb -= 3;
    s->past -= 2;
  } else if ((kinds & kHaveWord) != 0) {
    s->past += 6;
    s->noun += 3;
    s->attributive += 3;
    s->verb -= 2;
  } else if ((kinds & kBeWord) != 0) {
    s->predicative += 5;
    s->past += 5;
    s->noun += 4;
    s->attributive += 4;
    s->verb -= 4;
  } else if ((kinds & (kAdjective | kNumeral)) != 0) {
    s->noun += 5;
    s->attributive += 5;
    s->verb -= 1;
  } else if ((kinds & kConjunction) != 0) {
    // "to copy and paste", "we read and record": like the word two back.
    const WordKinds parallel = KindsOf(context.Near(at - 2));
    s->verb += (parallel & (kToWord | kModal | kSubject)) != 0 ? 4 : 0;
    s->verb += (next & (kDeterminer | kObjective)) != 0 ? 2 : 0;
    s->past += (before & kEdForm) != 0 ? 3 : 0;
    s->noun += 2;
    s->attributive += 2;
  } else if ((kinds & kPlural) != 0 && (before & kThird) != 0) {  // "she prefers"
    s->noun += 3;
    s->attributive += 3;
  } else if ((kinds & kPlural) != 0) {
    s->verb += third_form ? 1 : 4;
    s->past += 4;
    s->noun += 1;
    s->attributive += 1;
  } else if ((kinds & kQuestionWord) != 0) {
    s->noun += 2;
    s->attributive += 2;
    s->predicative += word == "how" ? 4 : 0;
  } else if ((kinds & (kIngForm | kEdForm)) != 0) {
    s->noun += 3;
    s->attributive += 3;
    s->past += 1;
  } else {  // a singular noun, or a name
    s->noun += 3;
    s->attributive += third_form ? 0 : 2;
    s->verb += third_form ? 3 : 0;
    s->past += 3;
  }
}

void ScoreAfter(const WordContext& context, WordKinds next, ClassScores* s) {
  const std::string_view word = context.Near(1);
  if (word.empty()) {
    s->noun += 1;
    s->predicative += 1;
    s->attributive -= 4;
  } else if (word == "of") {
    s->noun += 4;
    s->attributive -= 4;
  } else if (word == "that" || (next & (kDeterminer | kObjective)) != 0) {
    s->verb += 3;
    s->past += 3;
    s->noun -= 1;
    s->attributive -= 4;
    s->predicative -= 2;
  } else if ((next & (kBeWord | kModal | kHaveWord)) != 0) {
    s->noun += 4;
    s->verb -= 4;
    s->attributive -= 4;
  } else if ((next & (kPreposition | kConjunction | kToWord)) != 0) {
    s->noun += 1;
    s->past += 1;
    s->attributive -= 4;
  } else if ((next & kAdverb) != 0) {
    s->verb += 1;
    s->past += 1;
    s->attributive -= 2;
  } else if ((next & (kSubject | kThird)) != 0) {
    s->noun += 1;
    s->attributive -= 4;
  } else {  // an adjective or a noun
    s->attributive += 2;
    s->verb += 1;
    s->past += 1;
  }
}

bool IsPastWord(std::string_view word) {
  for (const std::string_view past :
       {"yesterday", "ago",   "was",     "were", "had",  "did",   "didn't", "wasn't",
        "once",      "last",  "then",    "said", "told", "asked", "went",   "came",
        "saw",       "found", "thought", "knew", "took", "got",   "earlier"}) {
    if (word == past) return true;
  }
  return EndsWith(word, "ed");
}

bool IsHabitWord(std::string_view word) {
  for (const std::string_view habit : {"every", "always", "usually", "often", "sometimes", "each", "daily",
                                       "seldom", "rarely", "is", "are", "when", "never", "if", "can"}) {
    if (word == habit) return true;
  }
  return false;
}

}  // namespace

WordKinds KindsOf(std::string_view word) {
  if (word.empty()) return 0;
  const KnownTable& known = Known();
  const auto found = std::lower_bound(known.begin(), known.end(), word,
                                      [](const auto& entry, std::string_view w) { return entry.first < w; });
  if (found != known.end() && found->first == word) return found->second;
  if (EndsWith(word, "n't")) return kModal;
  if (EndsWithAny(word, {"'s", "s'"})) return kDeterminer;
  if (EndsWithAny(word, {"'ll", "'d"})) return kModal;
  if (EndsWith(word, "'ve")) return kHaveWord;
  if (EndsWithAny(word, {"'re", "'m"})) return kBeWord;
  if (EndsWith(word, "ly")) return kAdverb;
  if (EndsWithAny(word, {"ous", "ful", "ive", "ical", "ional", "able", "ible", "less", "ish", "ic", "al"})) {
    return kAdjective;
  }
  if (EndsWith(word, "ing")) return kIngForm;
  if (EndsWith(word, "ed")) return kEdForm;
  if (EndsInS(word)) return kPlural;
  return 0;
}

ClassScores ScoreClasses(const WordContext& context) {
  ClassScores scores;
  const WordKinds next = KindsOf(context.Near(1));
  ScoreBefore(context, next, &scores);
  ScoreAfter(context, next, &scores);
  return scores;
}

bool InNounPhrase(const WordContext& context) {
  int at = 0;
  std::string_view word;
  const WordKinds kinds = Governor(context, &at, &word);
  return (kinds & (kDeterminer | kAdjective | kNumeral | kPreposition)) != 0 && (kinds & kObjective) == 0;
}

int PastEvidence(const WordContext& context) {
  constexpr int kReach = 8;
  int evidence = 0;
  for (int offset = -kReach; offset <= kReach; ++offset) {
    if (offset == 0) continue;
    const std::string_view word = context.Far(offset);
    evidence += IsPastWord(word) ? 2 : 0;
    evidence -= IsHabitWord(word) ? 1 : 0;
  }
  return evidence;
}

}  // namespace m2tts
