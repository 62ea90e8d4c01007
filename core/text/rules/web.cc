// What is written for machines, see core/text/web_text.h: marks by name, digits one by one,
// names as words when people say them so, endings and schemes by letters.
#include <algorithm>
#include <array>

#include "core/text/char_class.h"
#include "core/text/rules.h"
#include "core/text/rules/spelling.h"

namespace m2tts {
namespace {

const char* MarkName(char c) {
  switch (c) {
    case '.':
      return "dot";
    case '/':
      return "slash";
    case '\\':
      return "backslash";
    case '-':
      return "dash";
    case '_':
      return "underscore";
    case '@':
      return "at";
    case ':':
      return "colon";
    case '?':
      return "question mark";
    case '!':
      return "exclamation mark";
    case '=':
      return "equals";
    case '&':
      return "ampersand";
    case '#':
      return "hash";
    case '%':
      return "percent";
    case '+':
      return "plus";
    case '*':
      return "asterisk";
    case '$':
      return "dollar";
    case '~':
      return "tilde";
    case '\'':
      return "apostrophe";
    default:
      return nullptr;
  }
}

// Said as words although short; other endings of two or three letters are spelled unless the
// lexicon has them as a word of more than two letters.
bool IsSaidAsWord(std::string_view lower, const RuleInput& in) {
  for (const std::string_view word :
       {"com",  "org",  "net", "edu", "gov", "mil", "info", "biz", "co", "dev", "app", "zip",
        "jpeg", "json", "me",  "my",  "go",  "to",  "we",   "hi",  "of", "in",  "on",  "or"}) {
    if (lower == word) return true;
  }
  for (const std::string_view letters :
       {"html", "http", "https", "www", "ftp", "ssh", "php", "css", "pdf", "png", "exe", "doc", "docx",
        "xlsx", "pptx", "yaml",  "usr", "src", "url", "api", "uk",  "usa", "io",  "ai",  "tv",  "faq"}) {
    if (lower == letters) return false;
  }
  if (lower.size() <= 2) return false;
  const bool vowel = lower.find_first_of("aeiouy") != std::string_view::npos;
  if (!vowel || LexiconSpells(in.lexicon, lower)) return false;
  return lower.size() > 3 || in.lexicon.Contains(lower);
}

void SayName(std::string_view letters, const RuleInput& in, SpokenList* out) {
  constexpr size_t kMaxLetters = 40;
  while (!letters.empty()) {
    const std::string lower = ToLower(letters.substr(0, kMaxLetters));
    if (letters.size() > 1 && IsSaidAsWord(lower, in)) {
      out->Word(lower);
    } else if (lower == "jpg") {
      out->Word("jpeg");
    } else {
      out->Letters(lower);
    }
    letters.remove_prefix(std::min(letters.size(), kMaxLetters));
  }
}

// The letters from `at` on; a name in camel case ends where the next part begins.
size_t NameEnd(std::string_view text, size_t at, bool camel) {
  size_t end = at + 1;
  while (end < text.size() && IsAlphaChar(text[end])) {
    if (camel && IsUpperChar(text[end]) &&
        (IsLowerChar(text[end - 1]) || (end + 1 < text.size() && IsLowerChar(text[end + 1])))) {
      break;
    }
    ++end;
  }
  return end;
}

}  // namespace

size_t WebRule(const RuleInput& in, size_t i, SpokenList* out) {
  if (!in.Is(i, TokenKind::kWeb)) return 0;
  std::string_view text = in.At(i).text;
  const bool possessive = text.size() > 4 && text.substr(text.size() - 2) == "'s";
  if (possessive) text.remove_suffix(2);
  bool tag = false;
  if (text[0] == '#') {
    tag = true;
    out->Word("hashtag");
    text.remove_prefix(1);
  }
  const bool handle = text[0] == '@';
  if (text.size() > 1 && text.back() == '/') text.remove_suffix(1);
  for (size_t at = 0; at < text.size();) {
    if (IsAlphaChar(text[at])) {
      const size_t end = NameEnd(text, at, tag || handle);
      SayName(text.substr(at, end - at), in, out);
      at = end;
      continue;
    }
    if (IsDigitChar(text[at])) {
      size_t end = at + 1;
      while (end < text.size() && IsDigitChar(text[end])) ++end;
      if (tag) {
        WordList words;
        const std::string_view digits = text.substr(at, end - at);
        if (digits.size() == 4) {
          AppendYear(digits, &words);
        } else {
          AppendCardinal(digits, &words);
        }
        out->Words(words);
      } else {
        out->Letters(text.substr(at, end - at));
      }
      at = end;
      continue;
    }
    if (const char* const name = tag && text[at] == '_' ? nullptr : MarkName(text[at])) out->Words(name);
    ++at;
  }
  if (possessive && !out->items.empty()) out->items.back().text += "'s";
  return 1;
}

}  // namespace m2tts
