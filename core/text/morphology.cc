#include "core/text/morphology.h"

#include <algorithm>
#include <array>
#include <string>

namespace m2tts {
namespace {

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() > end.size() && text.substr(text.size() - end.size()) == end;
}

bool LastIs(const Pronunciation& p, std::initializer_list<std::string_view> symbols) {
  return !p.empty() && std::find(symbols.begin(), symbols.end(), PhonemeSymbol(p.back().id)) != symbols.end();
}

void Append(std::string_view arpabet, Pronunciation* out) {
  const Pronunciation more = *ParseArpabet(arpabet);
  out->insert(out->end(), more.begin(), more.end());
}

std::optional<Pronunciation> Look(std::string_view word, const Lexicon& lexicon) {
  const std::optional<LexiconEntry> entry = lexicon.Find(word);
  if (!entry) return std::nullopt;
  Pronunciation out;
  entry->Append(0, &out);
  return out;
}

// The stem of "stopp|ed", "mak|ing", "carri|ed": as it stands, with a final e, with one of
// a doubled consonant dropped, or with y for i.
std::optional<Pronunciation> LookStem(std::string_view stem, const Lexicon& lexicon) {
  if (stem.size() < 2) return std::nullopt;
  if (stem.size() > 2) {
    if (auto found = Look(stem, lexicon)) return found;
  }
  if (auto found = Look(std::string(stem) + "e", lexicon)) return found;
  const size_t n = stem.size();
  if (n > 3 && stem[n - 1] == stem[n - 2]) {
    if (auto found = Look(stem.substr(0, n - 1), lexicon)) return found;
  }
  if (stem.back() == 'i') {
    if (auto found = Look(std::string(stem.substr(0, n - 1)) + "y", lexicon)) return found;
  }
  return std::nullopt;
}

struct Affix {
  std::string_view letters;
  std::string_view phonemes;
};

constexpr std::array<Affix, 15> kSuffixes = {{{"ingly", "IH0 NG L IY0"},
                                              {"iness", "IY0 N AH0 S"},
                                              {"ness", "N AH0 S"},
                                              {"less", "L AH0 S"},
                                              {"ment", "M AH0 N T"},
                                              {"ship", "SH IH2 P"},
                                              {"like", "L AY2 K"},
                                              {"able", "AH0 B AH0 L"},
                                              {"ful", "F AH0 L"},
                                              {"ish", "IH0 SH"},
                                              {"ing", "IH0 NG"},
                                              {"est", "AH0 S T"},
                                              {"er", "ER0"},
                                              {"ly", "L IY0"},
                                              {"y", "IY0"}}};

constexpr std::array<Affix, 17> kPrefixes = {{{"counter", "K AW1 N T ER0"},
                                              {"under", "AH1 N D ER0"},
                                              {"super", "S UW1 P ER0"},
                                              {"inter", "IH1 N T ER0"},
                                              {"anti", "AE1 N T IY0"},
                                              {"over", "OW1 V ER0"},
                                              {"semi", "S EH1 M IY0"},
                                              {"multi", "M AH1 L T IY0"},
                                              {"micro", "M AY1 K R OW0"},
                                              {"fore", "F AO1 R"},
                                              {"out", "AW1 T"},
                                              {"mis", "M IH0 S"},
                                              {"non", "N AA1 N"},
                                              {"dis", "D IH0 S"},
                                              {"pre", "P R IY1"},
                                              {"un", "AH0 N"},
                                              {"re", "R IY0"}}};

void DemoteStress(Pronunciation* p) {
  for (StressedPhoneme& phoneme : *p) {
    if (phoneme.stress == Stress::kPrimary) phoneme.stress = Stress::kSecondary;
  }
}

std::optional<Pronunciation> Inflected(std::string_view word, const Lexicon& lexicon) {
  if (EndsWith(word, "'s") || EndsWith(word, "s'")) {
    const std::string_view stem = word.substr(0, word.size() - (EndsWith(word, "'s") ? 2 : 1));
    std::optional<Pronunciation> found = Look(stem, lexicon);
    if (!found) found = PronounceByParts(stem, lexicon);
    if (found && EndsWith(word, "'s")) AppendPluralS(&*found);
    return found;
  }
  if (EndsWith(word, "in'")) {
    return PronounceByParts(std::string(word.substr(0, word.size() - 1)) + "g", lexicon);
  }
  if (EndsWith(word, "s") && !EndsWith(word, "ss")) {
    std::optional<Pronunciation> stem;
    if (EndsWith(word, "ies")) stem = Look(std::string(word.substr(0, word.size() - 3)) + "y", lexicon);
    if (!stem && EndsWith(word, "es")) {
      stem = Look(word.substr(0, word.size() - 2), lexicon);
      if (stem && !LastIs(*stem, {"S", "Z", "SH", "ZH", "CH", "JH", "OW"})) stem.reset();
    }
    if (!stem && word.size() > 3) stem = Look(word.substr(0, word.size() - 1), lexicon);
    if (stem) {
      AppendPluralS(&*stem);
      return stem;
    }
  }
  if (EndsWith(word, "ed")) {
    if (std::optional<Pronunciation> stem = LookStem(word.substr(0, word.size() - 2), lexicon)) {
      if (LastIs(*stem, {"T", "D"})) {
        Append("IH0 D", &*stem);
      } else {
        Append(LastIs(*stem, {"P", "K", "F", "S", "SH", "CH", "TH"}) ? "T" : "D", &*stem);
      }
      return stem;
    }
  }
  return std::nullopt;
}

// "storekeeper": two words of at least three letters; the most even split wins.
std::optional<Pronunciation> Compound(std::string_view word, const Lexicon& lexicon) {
  if (word.size() < 7) return std::nullopt;
  const size_t middle = word.size() / 2;
  for (size_t step = 0; step <= middle; ++step) {
    for (const size_t cut : {middle + step, middle - step}) {
      if (cut < 3 || cut + 3 > word.size()) continue;
      std::optional<Pronunciation> first = Look(word.substr(0, cut), lexicon);
      if (!first) continue;
      std::optional<Pronunciation> second = Look(word.substr(cut), lexicon);
      if (!second) continue;
      DemoteStress(&*second);
      first->insert(first->end(), second->begin(), second->end());
      return first;
    }
  }
  return std::nullopt;
}

}  // namespace

void AppendPluralS(Pronunciation* stem) {
  if (LastIs(*stem, {"S", "Z", "SH", "ZH", "CH", "JH"})) {
    Append("IH0 Z", stem);
  } else {
    Append(LastIs(*stem, {"P", "T", "K", "F", "TH"}) ? "S" : "Z", stem);
  }
}

std::optional<Pronunciation> PronounceByParts(std::string_view word, const Lexicon& lexicon) {
  if (auto inflected = Inflected(word, lexicon)) return inflected;
  for (const Affix& suffix : kSuffixes) {
    if (!EndsWith(word, suffix.letters) || word.size() < suffix.letters.size() + 3) continue;
    if (auto stem = LookStem(word.substr(0, word.size() - suffix.letters.size()), lexicon)) {
      Append(suffix.phonemes, &*stem);
      return stem;
    }
  }
  for (const Affix& prefix : kPrefixes) {
    const std::string_view letters = prefix.letters;
    if (word.size() < letters.size() + 4 || word.substr(0, letters.size()) != letters) continue;
    std::optional<Pronunciation> stem = Look(word.substr(letters.size()), lexicon);
    if (!stem) stem = Inflected(word.substr(letters.size()), lexicon);
    if (!stem) continue;
    Pronunciation out = *ParseArpabet(prefix.phonemes);
    DemoteStress(&out);
    out.insert(out.end(), stem->begin(), stem->end());
    return out;
  }
  return Compound(word, lexicon);
}

}  // namespace m2tts
