#include "core/text/stress.h"

#include <algorithm>

namespace m2tts {
namespace {

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

bool EndsWithAny(std::string_view text, std::initializer_list<std::string_view> ends) {
  return std::any_of(ends.begin(), ends.end(), [&](std::string_view end) { return EndsWith(text, end); });
}

// Which vowel, counted from the end (0 = last), carries the primary stress.
size_t StressFromEnd(std::string_view word, size_t vowels) {
  if (vowels < 2) return 0;
  if (EndsWithAny(word, {"ee", "eer", "ese", "ette", "oon", "ique", "esque", "aire"})) return 0;
  if (EndsWithAny(word,
                  {"tion", "sion", "cian", "ic",  "ics",  "tial", "cial", "ient", "ious", "eous", "tions",
                   "ish",  "ella", "etta", "ini", "elli", "etti", "ova",  "ina",  "ado",  "ano",  "ita"})) {
    return 1;
  }
  if (vowels >= 3 && EndsWithAny(word, {"ity", "ify", "ical", "logy", "graphy", "ular", "inous", "itude",
                                        "ulous", "ate", "ize", "ise", "ary", "ory"})) {
    return 2;
  }
  if (vowels == 2) {
    // Latin prefixes leave the stress to the stem.
    for (const std::string_view prefix :
         {"re", "de", "be", "ex", "con", "com", "per", "pre", "pro", "dis", "un", "en", "sub"}) {
      if (word.substr(0, prefix.size()) == prefix && word.size() > prefix.size() + 4 &&
          !EndsWithAny(word, {"er", "y", "or", "on", "en", "le", "el", "al"})) {
        return 0;
      }
    }
    return 1;
  }
  // Foreign-looking names end in a vowel and stress the last but one.
  if (EndsWithAny(word, {"a", "o", "i"})) return 1;
  return 2;
}

}  // namespace

Pronunciation AssignStress(std::string_view spelling, const std::vector<PhonemeId>& phonemes) {
  const PhonemeId ax = *PhonemeFromSymbol("AX");
  const PhonemeId ah = *PhonemeFromSymbol("AH");
  const PhonemeId ae = *PhonemeFromSymbol("AE");
  std::vector<size_t> vowels;
  for (size_t i = 0; i < phonemes.size(); ++i) {
    if (IsVowel(phonemes[i])) vowels.push_back(i);
  }
  size_t primary = 0;
  if (!vowels.empty()) {
    primary = vowels.size() - 1 - std::min(StressFromEnd(spelling, vowels.size()), vowels.size() - 1);
    // A reduced vowel takes no stress while another is there.
    for (size_t step = 1; phonemes[vowels[primary]] == ax && step < vowels.size(); ++step) {
      primary = (primary + vowels.size() - 1) % vowels.size();
    }
  }
  Pronunciation out;
  size_t index = 0;
  for (size_t i = 0; i < phonemes.size(); ++i) {
    PhonemeId id = phonemes[i];
    if (!IsVowel(id)) {
      out.push_back({id, Stress::kNone});
      continue;
    }
    Stress stress = Stress::kUnstressed;
    if (index == primary) {
      stress = Stress::kPrimary;
    } else if ((primary >= 2 && index + 2 == primary) ||
               (index >= primary + 2 && index + 1 < vowels.size())) {
      stress = Stress::kSecondary;
    }
    if (id == ax && stress != Stress::kUnstressed) id = ah;
    if (id == ae && stress == Stress::kUnstressed && index > 0) id = ax;
    out.push_back(ReduceIfUnstressed(id, stress));
    ++index;
  }
  return out;
}

}  // namespace m2tts
