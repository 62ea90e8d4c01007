// Letters with digits: "B-52", "A4", "F-150", "COVID-19", "MP3", "H2O", "v2.1.3"; and digits
// with more than one full stop: version numbers and IP addresses.
#include "core/text/char_class.h"
#include "core/text/rules.h"
#include "core/text/rules/spelling.h"

namespace m2tts {
namespace {

// A run of digits inside a serial: "52" as a number, "737" in pairs, "800" and "6000" as
// round numbers, anything longer or with a zero in the way one by one.
void SaySerialDigits(std::string_view digits, SpokenList* out) {
  WordList words;
  const bool round =
      digits.size() >= 3 && digits.size() <= 4 && digits.find_first_not_of('0', 1) == std::string_view::npos;
  const bool hundreds = digits.size() == 4 && digits.substr(2) == "00" && digits[1] != '0';
  if (digits[0] == '0' && digits.size() > 1) {
    AppendDigits(digits, &words);
  } else if (digits.size() <= 2 || round) {
    AppendCardinal(digits, &words);
  } else if (digits.size() == 4 && (digits.substr(0, 2) == "19" || digits.substr(0, 2) == "20")) {
    AppendYear(digits, &words);  // "FY2021"
  } else if (hundreds) {
    AppendCardinal(digits.substr(0, 2), &words);
    words.emplace_back("hundred");
  } else if (digits.size() == 3 && digits[1] != '0') {
    AppendCardinal(digits.substr(0, 1), &words);
    AppendCardinal(digits.substr(1), &words);
  } else {
    AppendDigits(digits, &words);
  }
  out->Words(words);
}

void SaySerialLetters(std::string_view letters, const RuleInput& in, SpokenList* out) {
  const bool word = letters.size() > 2 ||
                    (letters.size() == 2 && !AllUpper(letters) && in.lexicon.Contains(ToLower(letters)));
  if (!word) {
    out->Letters(letters);
  } else {
    SayPart(letters, in, out);
  }
}

// Forms with a reading of their own: "1080p", "802.11ac", "49ers".
bool SayKnownForm(std::string_view text, SpokenList* out) {
  size_t digits = 0;
  while (digits < text.size() && IsDigitChar(text[digits])) ++digits;
  const std::string_view rest = text.substr(digits);
  WordList words;
  if ((rest == "p" || rest == "i") && (digits == 3 || digits == 4) && text[0] != '0' &&
      text[digits - 2] != '0') {
    AppendCardinal(text.substr(0, digits - 2), &words);
    AppendCardinal(text.substr(digits - 2, 2), &words);
    out->Words(words);
    out->Letter(rest[0]);
    return true;
  }
  if (rest == "ers" && digits == 2 && text[digits - 1] != '0') {
    AppendCardinal(text.substr(0, digits), &words);
    words.back() += words.back().back() == 'e' ? "rs" : "ers";
    out->Words(words);
    return true;
  }
  if (text.substr(0, 6) == "802.11") {
    out->Words("eight zero two point eleven");
    out->Letters(text.substr(6));
    return true;
  }
  return false;
}

// The port or mask of an address, from its mark on: ":8080", "/24".
bool IsPort(std::string_view text) {
  return text.size() >= 2 && text.size() <= 6 && (text[0] == ':' || text[0] == '/') &&
         AllDigits(text.substr(1));
}

void SayPort(std::string_view text, SpokenList* out) {
  if (text[0] == ':') {
    out->Word("colon");
    out->Letters(text.substr(1));
  } else {
    out->Word("slash");
    out->Cardinal(text.substr(1));
  }
}

// "2.1.3" and "192.168.1.1": each number on its own, the full stop as "point" or "dot".
bool SayDotted(std::string_view whole, SpokenList* out) {
  const size_t port = std::min(whole.find_first_of(":/"), whole.size());
  const std::string_view text = whole.substr(0, port);
  size_t dots = 0;
  for (const char c : text) {
    if (c == '.') {
      ++dots;
    } else if (!IsDigitChar(c)) {
      return false;
    }
  }
  if (dots < 2 || (port < whole.size() && !(dots == 3 && IsPort(whole.substr(port))))) return false;
  const bool address = dots == 3 && whole.size() > 7;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('.', begin), text.size());
    WordList words;
    const std::string_view digits = text.substr(begin, end - begin);
    if (address || digits.size() > 2 || digits[0] == '0') {
      AppendDigits(digits, &words);
    } else {
      AppendCardinal(digits, &words);
    }
    out->Words(words);
    if (end < text.size()) out->Word(address ? "dot" : "point");
    begin = end + 1;
  }
  if (port < whole.size()) SayPort(whole.substr(port), out);
  return true;
}

// "H.264", "X.509": the full stop after a capital by itself is silent.
bool AfterLetter(std::string_view text, size_t stop) {
  return stop > 0 && IsUpperChar(text[stop - 1]) && (stop == 1 || !IsAlnumChar(text[stop - 2]));
}

}  // namespace

void SaySerial(std::string_view text, const RuleInput& in, SpokenList* out) {
  for (size_t i = 0; i < text.size();) {
    size_t end = i + 1;
    if (IsDigitChar(text[i])) {
      while (end < text.size() && IsDigitChar(text[end])) ++end;
      SaySerialDigits(text.substr(i, end - i), out);
    } else if (IsAlphaChar(text[i])) {
      while (end < text.size() && (IsAlphaChar(text[end]) || text[end] == '\'')) ++end;
      // "M6x20": a size.
      const bool by = end - i == 1 && text[i] == 'x' && i > 0 && IsDigitChar(text[i - 1]) &&
                      end < text.size() && IsDigitChar(text[end]);
      if (by) {
        out->Word("by");
      } else {
        SaySerialLetters(text.substr(i, end - i), in, out);
      }
    } else if (text[i] == '.' && end < text.size()) {
      if (!AfterLetter(text, i)) out->Word("point");
    } else if (text[i] == '/') {
      out->Word("slash");
    }
    i = end;
  }
}

size_t SerialRule(const RuleInput& in, size_t i, SpokenList* out) {
  const std::string_view text = in.At(i).text;
  if (in.Is(i, TokenKind::kNumber)) return SayDotted(text, out) || SayKnownForm(text, out) ? 1 : 0;
  if (!in.Is(i, TokenKind::kWord) || text.find_first_of("0123456789") == std::string_view::npos) return 0;
  SaySerial(text, in, out);
  return 1;
}

}  // namespace m2tts
