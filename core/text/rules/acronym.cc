// Words in capitals: spelled ("FBI"), spoken ("NASA") or plain words that shout ("STOP"),
// with plurals and possessives ("CPUs", "FBI's"); and letters with digits ("B-52", "A4", "v2.1").
#include "core/text/char_class.h"
#include "core/text/rules.h"

namespace m2tts {
namespace {

// Spoken as words although the dictionary lacks them, or has them spelled.
bool IsSpoken(std::string_view upper) {
  for (const std::string_view word :
       {"NASA", "NATO", "OPEC", "UNESCO", "UNICEF", "AIDS", "LASER", "RADAR", "NAFTA", "FEMA", "OSHA",
        "ASCII", "RAM", "ROM", "PIN", "SIM", "GIF", "COVID", "SWAT"}) {
    if (upper == word) return true;
  }
  return false;
}

// Spelled although the dictionary has a word of these letters.
bool IsSpelled(std::string_view upper) {
  for (const std::string_view word :
       {"US",  "IT",  "UN",  "EU",  "UK",  "AM",  "PM",  "TV",  "PC",  "ID",  "CEO", "WHO",
        "USA", "AI",  "ER",  "IRS", "CIA", "FBI", "MIT", "DNA", "UFO", "URL", "API", "CPU",
        "GPU", "VIP", "SUV", "ATM", "LA",  "DC",  "AC",  "CD",  "DVD", "PR",  "HR",  "IQ"}) {
    if (upper == word) return true;
  }
  return false;
}

bool HasVowel(std::string_view upper) {
  return upper.find_first_of("AEIOUY") != std::string_view::npos;
}

bool ShouldSpell(std::string_view upper, const RuleInput& in) {
  if (upper.size() == 1) return true;
  if (IsSpoken(upper)) return false;
  if (!in.all_caps && IsSpelled(upper)) return true;
  if (!HasVowel(upper)) return true;
  if (in.lexicon.Contains(ToLower(upper))) return false;
  return upper.size() <= 4 && !in.all_caps;
}

// "B52", "A4", "v2.1.3", "COVID-19": runs of letters and of digits. False when there is no digit.
bool SayLettersAndDigits(std::string_view text, const RuleInput& in, SpokenList* out) {
  if (text.find_first_of("0123456789") == std::string_view::npos) return false;
  for (size_t i = 0; i < text.size();) {
    size_t end = i;
    if (IsDigitChar(text[i])) {
      while (end < text.size() && IsDigitChar(text[end])) ++end;
      const std::string_view digits = text.substr(i, end - i);
      WordList words;
      if (digits.size() <= 2 && digits[0] != '0') {
        AppendCardinal(digits, &words);
      } else if (digits.size() == 3 && digits.substr(1) == "00") {
        AppendCardinal(digits, &words);
      } else {
        AppendDigits(digits, &words);
      }
      out->Words(words);
    } else if (IsAlphaChar(text[i])) {
      while (end < text.size() && IsAlphaChar(text[end])) ++end;
      const std::string_view letters = text.substr(i, end - i);
      const std::string lower = ToLower(letters);
      const bool word = AllUpper(letters) ? !ShouldSpell(letters, in) && letters.size() > 2
                                          : letters.size() > 2 || in.lexicon.Contains(lower);
      if (word && letters.size() > 1) {
        out->Word(lower);
      } else {
        out->Letters(letters);
      }
    } else {
      end = i + 1;
      if (text[i] == '.') out->Word("point");
    }
    i = end;
  }
  return true;
}

}  // namespace

size_t AcronymRule(const RuleInput& in, size_t i, SpokenList* out) {
  if (!in.Is(i, TokenKind::kWord)) return 0;
  const std::string_view text = in.At(i).text;
  if (SayLettersAndDigits(text, in, out)) return 1;
  std::string_view stem = text;
  bool suffix = false;
  if (stem.size() > 3 && stem.substr(stem.size() - 2) == "'s") {
    stem.remove_suffix(2);
    suffix = true;
  } else if (stem.size() > 2 && stem.back() == 's' && AllUpper(stem.substr(0, stem.size() - 1))) {
    stem.remove_suffix(1);
    suffix = true;
  }
  if (!AllUpper(stem) || (stem.size() < 2 && !suffix)) return 0;
  if (!ShouldSpell(stem, in)) return 0;
  out->Letters(stem);
  if (suffix) out->items.back().text += "'s";
  return 1;
}

}  // namespace m2tts
