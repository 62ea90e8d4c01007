#include "core/text/letter_to_sound.h"

#include <algorithm>
#include <string>

#include "core/text/char_class.h"
#include "core/text/stress.h"

namespace m2tts {
namespace {

struct RuleText {
  std::string_view left;
  std::string_view letters;
  std::string_view right;
  std::string_view phonemes;
};

constexpr RuleText kRuleTexts[] = {
#include "core/text/lts_rules.inc"
};

bool IsVowelLetter(char c) {
  return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'y';
}
bool IsConsonantLetter(char c) {
  return IsLowerChar(c) && !IsVowelLetter(c);
}
bool IsFrontVowel(char c) {
  return c == 'e' || c == 'i' || c == 'y';
}
bool IsOneOf(char c, std::string_view set) {
  return set.find(c) != std::string_view::npos;
}

// Matches a context pattern against padded text, walking away from the letters: direction
// -1 reads pattern and text backwards. Patterns have at most one branch (':' and '#' take
// all they can), as in the original.
bool MatchesContext(std::string_view text, size_t at, std::string_view pattern, int direction) {
  auto position = static_cast<ptrdiff_t>(at);
  const auto char_at = [&](ptrdiff_t p) {
    return p < 0 || p >= static_cast<ptrdiff_t>(text.size()) ? ' ' : text[static_cast<size_t>(p)];
  };
  for (size_t k = 0; k < pattern.size(); ++k) {
    const char want = direction > 0 ? pattern[k] : pattern[pattern.size() - 1 - k];
    const char c = char_at(position);
    switch (want) {
      case '#':
        if (!IsVowelLetter(c)) return false;
        while (IsVowelLetter(char_at(position))) position += direction;
        break;
      case ':':
        while (IsConsonantLetter(char_at(position))) position += direction;
        break;
      case '^':
        if (!IsConsonantLetter(c)) return false;
        position += direction;
        break;
      case '.':
        if (!IsOneOf(c, "bdvgjlmnrwz")) return false;
        position += direction;
        break;
      case '+':
        if (!IsFrontVowel(c)) return false;
        position += direction;
        break;
      case '&':
        if (c == 'h' && direction < 0 && IsOneOf(char_at(position - 1), "cs")) {
          position -= 2;
        } else if (IsOneOf(c, "scgzxj")) {
          position += direction;
        } else {
          return false;
        }
        break;
      case '@':
        if (c == 'h' && direction < 0 && IsOneOf(char_at(position - 1), "tcs")) {
          position -= 2;
        } else if (IsOneOf(c, "tsrdlznj")) {
          position += direction;
        } else {
          return false;
        }
        break;
      case '%': {
        // Only ever looks to the right.
        const std::string_view rest =
            position < static_cast<ptrdiff_t>(text.size()) ? text.substr(static_cast<size_t>(position)) : "";
        if (rest.substr(0, 3) == "ing") {
          position += 3;
        } else if (rest.substr(0, 3) == "ely") {
          position += 3;
        } else if (!rest.empty() && rest[0] == 'e') {
          const char after = char_at(position + 1);
          const bool longer = IsOneOf(after, "rsd") && char_at(position + 2) == ' ';
          if (after != ' ' && !longer) return false;
          position += longer ? 2 : 1;
        } else {
          return false;
        }
        break;
      }
      default:
        if (c != want) return false;
        position += direction;
        break;
    }
  }
  return true;
}

std::array<Pronunciation, 26> MakeLetterNames() {
  constexpr std::array<std::string_view, 26> kNames = {"EY1",
                                                       "B IY1",
                                                       "S IY1",
                                                       "D IY1",
                                                       "IY1",
                                                       "EH1 F",
                                                       "JH IY1",
                                                       "EY1 CH",
                                                       "AY1",
                                                       "JH EY1",
                                                       "K EY1",
                                                       "EH1 L",
                                                       "EH1 M",
                                                       "EH1 N",
                                                       "OW1",
                                                       "P IY1",
                                                       "K Y UW1",
                                                       "AA1 R",
                                                       "EH1 S",
                                                       "T IY1",
                                                       "Y UW1",
                                                       "V IY1",
                                                       "D AH1 B AH0 L Y UW0",
                                                       "EH1 K S",
                                                       "W AY1",
                                                       "Z IY1"};
  std::array<Pronunciation, 26> names;
  for (size_t i = 0; i < names.size(); ++i) names[i] = *ParseArpabet(kNames[i]);
  return names;
}

}  // namespace

const Pronunciation& LetterName(char letter) {
  static const std::array<Pronunciation, 26> kNames = MakeLetterNames();
  return kNames[static_cast<size_t>(letter - 'a')];
}

LetterToSound::LetterToSound() {
  for (const RuleText& text : kRuleTexts) {
    Rule rule{text.left, text.letters, text.right, {}};
    for (std::string_view rest = text.phonemes; !rest.empty();) {
      const size_t blank = rest.find(' ');
      rule.phonemes.push_back(PhonemeFromSymbol(rest.substr(0, blank)).value());
      rest.remove_prefix(blank == std::string_view::npos ? rest.size() : blank + 1);
    }
    rules_[static_cast<size_t>(text.letters[0] - 'a')].push_back(std::move(rule));
  }
}

Pronunciation LetterToSound::Guess(std::string_view word) const {
  std::string text = " ";
  for (const char c : word) {
    if (IsLowerChar(c)) text.push_back(c);
  }
  Pronunciation out;
  if (text.size() == 1) return out;
  text.push_back(' ');  // before the view of it is taken
  const std::string_view letters = std::string_view(text).substr(1, text.size() - 2);
  if (std::none_of(letters.begin(), letters.end(), IsVowelLetter)) {
    for (const char c : letters) out.insert(out.end(), LetterName(c).begin(), LetterName(c).end());
    return out;
  }
  std::vector<PhonemeId> phonemes;
  for (size_t at = 1; at + 1 < text.size();) {
    const std::vector<Rule>& rules = rules_[static_cast<size_t>(text[at] - 'a')];
    const auto rule = std::find_if(rules.begin(), rules.end(), [&](const Rule& r) {
      return std::string_view(text).substr(at, r.letters.size()) == r.letters &&
             MatchesContext(text, at - 1, r.left, -1) &&
             MatchesContext(text, at + r.letters.size(), r.right, 1);
    });
    if (rule == rules.end()) {
      ++at;
      continue;
    }
    phonemes.insert(phonemes.end(), rule->phonemes.begin(), rule->phonemes.end());
    at += rule->letters.size();
  }
  if (phonemes.empty()) {
    for (const char c : letters) out.insert(out.end(), LetterName(c).begin(), LetterName(c).end());
    return out;
  }
  return AssignStress(letters, phonemes);
}

}  // namespace m2tts
