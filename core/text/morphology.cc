#include "core/text/morphology.h"

#include <algorithm>
#include <array>
#include <string>

#include "core/text/word_parts.h"

namespace m2tts {
namespace {

using parts::EndsWith;
using parts::Look;
using parts::StartsWith;

// No stem is taken apart more often than this: "un-read-able-ness".
constexpr int kMaxDepth = 3;

bool LastIs(const Pronunciation& p, std::initializer_list<std::string_view> symbols) {
  return !p.empty() && std::find(symbols.begin(), symbols.end(), PhonemeSymbol(p.back().id)) != symbols.end();
}

void Append(std::string_view arpabet, Pronunciation* out) {
  const Pronunciation more = *ParseArpabet(arpabet);
  out->insert(out->end(), more.begin(), more.end());
}

bool IsVowelLetter(char c) {
  return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'y';
}

bool HasVowelLetter(std::string_view word) {
  return std::any_of(word.begin(), word.end(), IsVowelLetter);
}

// What a stem must be beyond being known.
enum class Gate { kAny, kVerb, kNotUni };

size_t VowelGroups(std::string_view word) {
  size_t groups = 0;
  for (size_t i = 0; i < word.size(); ++i) {
    groups += IsVowelLetter(word[i]) && (i == 0 || !IsVowelLetter(word[i - 1])) ? 1 : 0;
  }
  return groups;
}

struct Suffix {
  std::string_view name;
  std::string_view letters;   // the word's ending
  std::string_view restored;  // what the stem has in its place
  std::string_view phonemes;
  size_t drop = 0;       // phonemes of the stem that fall away
  bool inflects = true;  // a final e, a doubled consonant or y/i change before it
  size_t least = 3;      // letters of the stem
  Gate gate = Gate::kAny;
  bool vowel = false;  // takes the vowel out of a stem in -le
};

constexpr Suffix kSuffixes[] = {
#include "core/text/suffixes.inc"
};

struct Prefix {
  std::string_view name;
  std::string_view letters;
  std::string_view phonemes;
  size_t least = 4;  // letters of the stem
  Gate gate = Gate::kAny;
};

constexpr Prefix kPrefixes[] = {
#include "core/text/prefixes.inc"
};

class Analyzer {
 public:
  explicit Analyzer(const Lexicon& lexicon) : lexicon_(lexicon) {}

  std::optional<Pronunciation> Analyze(std::string_view word, int depth) {
    if (depth >= kMaxDepth || word.size() < 3) return std::nullopt;
    if (auto found = Possessive(word, depth)) return found;
    if (auto found = Plural(word, depth)) return found;
    if (auto found = Past(word, depth)) return found;
    if (auto found = Suffixed(word, depth)) return found;
    if (auto found = Prefixed(word, depth)) return found;
    if (affixes_only_ > 0) return std::nullopt;
    for (const auto& [name, respell] : parts::kRespellings) {
      if (std::string other = respell(word, lexicon_); !other.empty()) {
        if (auto found = Known(other, depth)) return Named(name, std::move(found));
      }
    }
    if (auto found = parts::Compound(word, lexicon_)) return Named("compound", std::move(found));
    return std::nullopt;
  }

  std::string_view rule() const { return rule_; }

 private:
  // Sets the rule's name; the outermost rule calls last and so names the whole.
  std::optional<Pronunciation> Named(std::string_view name, std::optional<Pronunciation> found) {
    rule_ = name;
    return found;
  }

  std::optional<Pronunciation> Known(std::string_view word, int depth) {
    if (auto found = Look(word, lexicon_)) return found;
    return Analyze(word, depth + 1);
  }

  std::optional<Pronunciation> Possessive(std::string_view word, int depth) {
    const bool s = EndsWith(word, "'s");
    if (s || EndsWith(word, "s'")) {
      std::optional<Pronunciation> found = Known(word.substr(0, word.size() - (s ? 2 : 1)), depth);
      if (found && s) AppendPluralS(&*found);
      return Named("'s", std::move(found));
    }
    if (EndsWith(word, "in'")) {
      std::optional<Pronunciation> found = Known(std::string(word.substr(0, word.size() - 1)) + "g", depth);
      if (!found || !LastIs(*found, {"NG"})) return std::nullopt;
      found->back().id = *PhonemeFromSymbol("N");
      return Named("-in'", std::move(found));
    }
    // "the doctor'll", "who're", "Tom'd": clitics on any word.
    for (const auto& [letters, after_consonant, after_vowel] : kClitics) {
      if (!EndsWith(word, letters)) continue;
      std::optional<Pronunciation> found = Known(word.substr(0, word.size() - letters.size()), depth);
      if (!found) return std::nullopt;
      const bool dental = letters == "'d" && LastIs(*found, {"T", "D"});
      const bool vowel = IsVowel(found->back().id);
      Append(dental || !vowel ? (letters == "'d" && !dental ? after_vowel : after_consonant) : after_vowel,
             &*found);
      return Named("clitic", std::move(found));
    }
    return std::nullopt;
  }

  std::optional<Pronunciation> Plural(std::string_view word, int depth) {
    if (!EndsWith(word, "s") || EndsWith(word, "ss") || word.size() < 4) return std::nullopt;
    std::optional<Pronunciation> stem;
    if (EndsWith(word, "ies") && word.size() > 4)
      stem = Known(std::string(word.substr(0, word.size() - 3)) + "y", depth);
    if (!stem && !EndsWith(word, "us") && !EndsWith(word, "is"))
      stem = Known(word.substr(0, word.size() - 1), depth);
    if (!stem && EndsWith(word, "es")) {
      stem = Known(word.substr(0, word.size() - 2), depth);
      if (stem && !LastIs(*stem, {"S", "Z", "SH", "ZH", "CH", "JH", "OW"})) stem.reset();
    }
    if (!stem) return std::nullopt;
    AppendPluralS(&*stem);
    return Named("-s", std::move(stem));
  }

  std::optional<Pronunciation> Past(std::string_view word, int depth) {
    if (!EndsWith(word, "ed")) return std::nullopt;
    std::optional<Pronunciation> stem = Stem(word.substr(0, word.size() - 2), true, depth);
    if (!stem) return std::nullopt;
    if (LastIs(*stem, {"T", "D"})) {
      Append("IH0 D", &*stem);
    } else {
      Append(LastIs(*stem, {"P", "K", "F", "S", "SH", "CH", "TH"}) ? "T" : "D", &*stem);
    }
    return Named("-ed", std::move(stem));
  }

  // The stem of "stopp|ed", "mak|ing", "carri|ed": as it stands, with a final e, with one of
  // a doubled consonant dropped, or with y for i.
  std::optional<Pronunciation> Stem(std::string_view stem, bool inflects, int depth) {
    const size_t n = stem.size();
    if (n < 2 || !HasVowelLetter(stem)) return std::nullopt;
    const bool doubled = n > 3 && stem[n - 1] == stem[n - 2] && !IsVowelLetter(stem[n - 1]);
    if (inflects && doubled && stem[n - 1] != 'l' && stem[n - 1] != 's' && stem[n - 1] != 'f') {
      if (auto found = Look(stem.substr(0, n - 1), lexicon_)) return found;
    }
    // "rating" is from "rate", "mincing" from "mince": a single consonant after a single vowel, or a soft
    // or voiced end, wants its e back.
    const bool short_end = n > 2 && !IsVowelLetter(stem[n - 1]) && IsVowelLetter(stem[n - 2]) &&
                           !IsVowelLetter(stem[n - 3]) && stem[n - 1] != 'w' && stem[n - 1] != 'x' &&
                           VowelGroups(stem) == 1;
    const bool wants_e =
        !doubled &&
        (std::string_view("cgsvzu").find(stem[n - 1]) != std::string_view::npos || EndsWith(stem, "th"));
    const std::string with_e = std::string(stem) + "e";
    if (inflects && (short_end || wants_e)) {
      if (auto found = Look(with_e, lexicon_)) return found;
    }
    if (n > 2) {
      if (auto found = Look(stem, lexicon_)) return found;
    }
    if (inflects) {
      if (auto found = Look(with_e, lexicon_)) return found;
      if (doubled) {
        if (auto found = Look(stem.substr(0, n - 1), lexicon_)) return found;
      }
      if (stem.back() == 'i') {
        if (auto found = Known(std::string(stem.substr(0, n - 1)) + "y", depth)) return found;
      }
    }
    if (n < 4) return std::nullopt;
    if (auto found = Analyze(stem, depth + 1)) return found;
    return inflects ? Analyze(with_e, depth + 1) : std::nullopt;
  }

  std::optional<Pronunciation> Suffixed(std::string_view word, int depth) {
    const AffixesOnly guard(this);
    for (const Suffix& suffix : kSuffixes) {
      if (!EndsWith(word, suffix.letters) || word.size() < suffix.letters.size() + suffix.least) continue;
      const std::string_view kept = word.substr(0, word.size() - suffix.letters.size());
      if (!Passes(suffix.gate, kept)) continue;
      std::optional<Pronunciation> stem =
          suffix.restored.empty() ? Stem(kept, suffix.inflects, depth)
                                  : Known(std::string(kept) + std::string(suffix.restored), depth);
      if (!stem || stem->size() <= suffix.drop) continue;
      stem->resize(stem->size() - suffix.drop);
      if (suffix.phonemes.substr(0, 2) == "L " && LastIs(*stem, {"L"})) stem->pop_back();
      if (suffix.vowel && kept.back() == 'l' && kept.size() > 2 && !IsVowelLetter(kept[kept.size() - 2]) &&
          kept[kept.size() - 2] != 'l' && stem->size() > 2 &&
          PhonemeSymbol((*stem)[stem->size() - 2].id) == "AX") {
        stem->erase(stem->end() - 2);  // "rustle", "rustler"
      }
      if (!suffix.phonemes.empty()) Append(suffix.phonemes, &*stem);
      return Named(suffix.name, std::move(stem));
    }
    return std::nullopt;
  }

  std::optional<Pronunciation> Prefixed(std::string_view word, int depth) {
    const AffixesOnly guard(this);
    for (const Prefix& prefix : kPrefixes) {
      if (word.size() < prefix.letters.size() + prefix.least || !StartsWith(word, prefix.letters)) continue;
      std::string_view rest = word.substr(prefix.letters.size());
      if (rest[0] == '-') rest.remove_prefix(1);
      if (!Passes(prefix.gate, rest)) continue;
      const std::optional<Pronunciation> stem = Known(rest, depth);
      if (!stem) continue;
      Pronunciation out = *ParseArpabet(prefix.phonemes);
      parts::DemoteStress(&out);
      out.insert(out.end(), stem->begin(), stem->end());
      return Named(prefix.name, std::move(out));
    }
    return std::nullopt;
  }

  bool Passes(Gate gate, std::string_view stem) const {
    switch (gate) {
      case Gate::kVerb:
        return IsVerb(stem);
      case Gate::kNotUni:  // "universe" is no "un-"
        return stem[0] != 'i' || stem.substr(0, 2) == "in" || stem.substr(0, 2) == "im";
      case Gate::kAny:
        break;
    }
    return true;
  }

  // A word that the dictionary also has with -ing or -ed; of an inflected one, its stem.
  bool IsVerb(std::string_view word) const {
    for (const std::string_view end : {"ing", "ed", "s", "er"}) {
      if (EndsWith(word, end) && word.size() > end.size() + 2 &&
          HasIng(word.substr(0, word.size() - end.size())))
        return true;
    }
    return HasIng(word);
  }
  bool HasIng(std::string_view word) const {
    std::string ing(word);
    if (lexicon_.Contains(ing + "ing")) return true;
    if (ing.back() == 'e' && lexicon_.Contains(ing.substr(0, ing.size() - 1) + "ing")) return true;
    return lexicon_.Contains(ing + ing.back() + "ing");
  }

  struct Clitic {
    std::string_view letters;
    std::string_view after_consonant;
    std::string_view after_vowel;
  };
  static constexpr std::array<Clitic, 5> kClitics = {{{"'ll", "AH0 L", "L"},
                                                      {"'ve", "AH0 V", "V"},
                                                      {"'re", "ER0", "ER0"},
                                                      {"'d", "IH0 D", "D"},
                                                      {"'m", "AH0 M", "M"}}};

  // Under a derivation the stem must be a word or built by affixes; a compound is too unsure there.
  class AffixesOnly {
   public:
    explicit AffixesOnly(Analyzer* analyzer) : analyzer_(analyzer) { ++analyzer_->affixes_only_; }
    ~AffixesOnly() { --analyzer_->affixes_only_; }
    AffixesOnly(const AffixesOnly&) = delete;
    AffixesOnly& operator=(const AffixesOnly&) = delete;

   private:
    Analyzer* analyzer_;
  };

  const Lexicon& lexicon_;
  std::string_view rule_;
  int affixes_only_ = 0;
};

}  // namespace

void AppendPluralS(Pronunciation* stem) {
  if (LastIs(*stem, {"S", "Z", "SH", "ZH", "CH", "JH"})) {
    Append("IH0 Z", stem);
  } else {
    Append(LastIs(*stem, {"P", "T", "K", "F", "TH"}) ? "S" : "Z", stem);
  }
}

std::optional<Pronunciation> PronounceByParts(std::string_view word, const Lexicon& lexicon,
                                              std::string_view* rule) {
  Analyzer analyzer(lexicon);
  std::optional<Pronunciation> found = analyzer.Analyze(word, 0);
  if (rule != nullptr) *rule = found ? analyzer.rule() : std::string_view();
  return found;
}

}  // namespace m2tts
