#include "core/text/homograph.h"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace m2tts {
namespace {

bool IsAny(std::string_view word, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool EndsWith(std::string_view word, std::string_view end) {
  return word.size() >= end.size() && word.substr(word.size() - end.size()) == end;
}

// After these a verb follows.
bool BeforeVerb(std::string_view previous) {
  return IsAny(previous, {"to",     "will",  "would",  "can",     "could", "shall",  "should", "may",
                          "might",  "must",  "not",    "i",       "you",   "we",     "they",   "who",
                          "cannot", "let's", "do",     "does",    "did",   "never",  "always", "please",
                          "i'll",   "we'll", "you'll", "they'll", "he'll", "she'll", "don't"}) ||
         EndsWith(previous, "n't");
}

// After these a participle or a past form follows.
bool AfterHave(std::string_view previous) {
  return IsAny(previous, {"have",  "has",    "had",     "having", "was", "were", "been",
                          "be",    "is",     "are",     "being",  "he",  "she",  "i've",
                          "we've", "you've", "they've", "get",    "got", "well", "already"});
}

enum class When { kVerb, kParticiple };

struct Homograph {
  std::string_view word;
  std::string_view usual;
  std::string_view other;
  When when;  // the condition for `other`
};

// Sorted by word.
constexpr std::array kHomographs = {
    Homograph{"abuse", "AH0 B Y UW1 S", "AH0 B Y UW1 Z", When::kVerb},
    Homograph{"close", "K L OW1 S", "K L OW1 Z", When::kVerb},
    Homograph{"conduct", "K AA1 N D AH0 K T", "K AH0 N D AH1 K T", When::kVerb},
    Homograph{"conflict", "K AA1 N F L IH0 K T", "K AH0 N F L IH1 K T", When::kVerb},
    Homograph{"content", "K AA1 N T EH0 N T", "K AH0 N T EH1 N T", When::kParticiple},
    Homograph{"contest", "K AA1 N T EH0 S T", "K AH0 N T EH1 S T", When::kVerb},
    Homograph{"contract", "K AA1 N T R AE2 K T", "K AH0 N T R AE1 K T", When::kVerb},
    Homograph{"convict", "K AA1 N V IH0 K T", "K AH0 N V IH1 K T", When::kVerb},
    Homograph{"desert", "D EH1 Z ER0 T", "D IH0 Z ER1 T", When::kVerb},
    Homograph{"excuse", "IH0 K S K Y UW1 S", "IH0 K S K Y UW1 Z", When::kVerb},
    Homograph{"export", "EH1 K S P AO0 R T", "IH0 K S P AO1 R T", When::kVerb},
    Homograph{"house", "HH AW1 S", "HH AW1 Z", When::kVerb},
    Homograph{"import", "IH1 M P AO2 R T", "IH0 M P AO1 R T", When::kVerb},
    Homograph{"increase", "IH1 N K R IY2 S", "IH0 N K R IY1 S", When::kVerb},
    Homograph{"insult", "IH1 N S AH2 L T", "IH2 N S AH1 L T", When::kVerb},
    Homograph{"lead", "L EH1 D", "L IY1 D", When::kVerb},
    Homograph{"live", "L AY1 V", "L IH1 V", When::kVerb},
    Homograph{"object", "AA1 B JH EH0 K T", "AH0 B JH EH1 K T", When::kVerb},
    Homograph{"permit", "P ER1 M IH2 T", "P ER0 M IH1 T", When::kVerb},
    Homograph{"present", "P R EH1 Z AH0 N T", "P R IY0 Z EH1 N T", When::kVerb},
    Homograph{"progress", "P R AA1 G R EH2 S", "P R AH0 G R EH1 S", When::kVerb},
    Homograph{"project", "P R AA1 JH EH0 K T", "P R AH0 JH EH1 K T", When::kVerb},
    Homograph{"protest", "P R OW1 T EH2 S T", "P R AH0 T EH1 S T", When::kVerb},
    Homograph{"read", "R IY1 D", "R EH1 D", When::kParticiple},
    Homograph{"rebel", "R EH1 B AH0 L", "R IH0 B EH1 L", When::kVerb},
    Homograph{"record", "R EH1 K ER0 D", "R AH0 K AO1 R D", When::kVerb},
    Homograph{"subject", "S AH1 B JH IH0 K T", "S AH0 B JH EH1 K T", When::kVerb},
    Homograph{"suspect", "S AH1 S P EH2 K T", "S AH0 S P EH1 K T", When::kVerb},
    Homograph{"tear", "T IH1 R", "T EH1 R", When::kVerb},
    Homograph{"transport", "T R AE1 N S P AO0 R T", "T R AE0 N S P AO1 R T", When::kVerb},
    Homograph{"use", "Y UW1 S", "Y UW1 Z", When::kVerb},
    Homograph{"wind", "W IH1 N D", "W AY1 N D", When::kVerb},
    Homograph{"wound", "W UW1 N D", "W AW1 N D", When::kParticiple},
};

}  // namespace

std::string_view ChooseHomograph(std::string_view word, std::string_view previous, std::string_view next) {
  const auto* const found =
      std::lower_bound(kHomographs.begin(), kHomographs.end(), word,
                       [](const Homograph& h, std::string_view w) { return h.word < w; });
  if (found == kHomographs.end() || found->word != word) return {};
  bool other = found->when == When::kVerb ? BeforeVerb(previous) : AfterHave(previous);
  // "people live in", "those who live here", against "a live show".
  if (word == "live" && !IsAny(previous, {"a", "the", "is", "was", "of", "with"}) &&
      IsAny(next, {"in", "on", "at", "with", "here", "there", "by", "for", "together", "alone", "up", "from",
                   ""})) {
    other = true;
  }
  // "wound up" is the verb; "a wound" and "was wounded" the injury.
  if (word == "wound") other = IsAny(next, {"up", "down", "around", "round", "its", "their", "his", "her"});
  // "leads to": the metal only in its company; "content with": satisfied.
  if (word == "lead" && !other)
    other = !IsAny(next,
                   {"pipe", "pipes", "paint", "poisoning", "pencil", "bullet", "bullets", "mine", "mines"}) &&
            !IsAny(previous, {"of", "like", "molten"});
  if (word == "content") other = next == "with" || next == "to";
  if (word == "close" && !other)
    other = IsAny(next, {"the", "your", "his", "her", "their", "my", "down", "it"});
  if (word == "use" && !other)
    other = IsAny(next, {"the", "this", "it", "a", "an", "them", "these", "your"}) &&
            !IsAny(previous, {"the", "of", "no", "in", "its", "their"});
  return other ? found->other : found->usual;
}

WordRole GuessRole(std::string_view previous) {
  if (BeforeVerb(previous)) return WordRole::kVerb;
  const bool determiner =
      IsAny(previous, {"a",   "an",  "the", "this",  "that", "these", "those", "my",    "your", "his",
                       "her", "its", "our", "their", "no",   "some",  "any",   "every", "each", "of"});
  return determiner ? WordRole::kNoun : WordRole::kAny;
}

}  // namespace m2tts
