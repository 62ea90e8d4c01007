// URLs and e-mail addresses: marks by name, digits one by one, names as words when the
// dictionary has them. "https://" and "www." are said as people say them.
#include "core/text/char_class.h"
#include "core/text/rules.h"

namespace m2tts {
namespace {

const char* MarkName(char c) {
  switch (c) {
    case '.':
      return "dot";
    case '/':
      return "slash";
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
    case '=':
      return "equals";
    case '&':
      return "and";
    case '#':
      return "hash";
    case '%':
      return "percent";
    case '+':
      return "plus";
    case '~':
      return "tilde";
    default:
      return nullptr;
  }
}

}  // namespace

size_t WebRule(const RuleInput& in, size_t i, SpokenList* out) {
  if (!in.Is(i, TokenKind::kWeb)) return 0;
  std::string_view text = in.At(i).text;
  if (const size_t scheme = text.find("://"); scheme != std::string_view::npos) {
    out->Letters(text.substr(0, scheme));
    out->Words("colon slash slash");
    text.remove_prefix(scheme + 3);
  }
  if (!text.empty() && text.back() == '/') text.remove_suffix(1);
  for (size_t at = 0; at < text.size();) {
    size_t end = at;
    while (end < text.size() && IsAlphaChar(text[end])) ++end;
    if (end > at) {
      const std::string_view letters = text.substr(at, end - at);
      const std::string lower = ToLower(letters);
      const bool vowel = lower.find_first_of("aeiouy") != std::string::npos;
      const bool word = lower == "com" || lower == "org" || lower == "net" || in.lexicon.Contains(lower) ||
                        (vowel && letters.size() > 3);
      if (word && letters.size() > 1 && letters.size() <= 40 && lower != "uk" && lower != "io") {
        out->Word(lower);
      } else {
        out->Letters(letters);
      }
      at = end;
      continue;
    }
    if (IsDigitChar(text[at])) {
      out->Letters(text.substr(at, 1));
    } else if (const char* const name = MarkName(text[at])) {
      out->Words(name);
    }
    ++at;
  }
  return 1;
}

}  // namespace m2tts
