// Times of day: "10:30", "10:30 p.m.", "5pm", "12:00", "14:05:30".
#include "core/text/char_class.h"
#include "core/text/rules.h"

namespace m2tts {
namespace {

// 'a' for a.m., 'p' for p.m., 0 for neither.
char Meridiem(std::string_view text) {
  for (const std::string_view form : {"am", "a.m", "a.m."}) {
    if (EqualsIgnoreCase(text, form)) return 'a';
  }
  for (const std::string_view form : {"pm", "p.m", "p.m."}) {
    if (EqualsIgnoreCase(text, form)) return 'p';
  }
  return 0;
}

void SayMeridiem(char meridiem, SpokenList* out) {
  out->Letter(meridiem);
  out->Letter('m');
}

void SayMinutes(std::string_view digits, SpokenList* out) {
  WordList words;
  if (digits[0] == '0') words.emplace_back("oh");
  AppendCardinal(digits, &words);
  out->Words(words);
}

}  // namespace

size_t TimeRule(const RuleInput& in, size_t i, SpokenList* out) {
  if (!in.Is(i, TokenKind::kNumber)) return 0;
  std::string_view text = in.At(i).text;
  size_t letters = 0;
  while (letters < text.size() && !IsAlphaChar(text[letters])) ++letters;
  char meridiem = 0;
  size_t used = 1;
  if (letters < text.size()) {
    meridiem = Meridiem(text.substr(letters));
    if (meridiem == 0) return 0;
    text = text.substr(0, letters);
  } else if (in.Is(i + 1, TokenKind::kWord) && (meridiem = Meridiem(in.At(i + 1).text)) != 0) {
    used = 2;
  }
  const size_t colon = text.find(':');
  const std::string_view hour = text.substr(0, colon);
  if (!AllDigits(hour) || hour.size() > 2 || std::stoi(std::string(hour)) > 24) return 0;
  WordList hour_words;
  AppendCardinal(hour, &hour_words);
  if (colon == std::string_view::npos) {
    if (meridiem == 0) return 0;
    // "I am 5 am I not" is rarer than "5 am".
    out->Words(hour_words);
    SayMeridiem(meridiem, out);
    return used;
  }
  const std::string_view rest = text.substr(colon + 1);
  const std::string_view minutes = rest.substr(0, 2);
  if (minutes.size() != 2 || !AllDigits(minutes) || minutes > "59") return 0;
  std::string_view seconds = rest.substr(2);
  if (!seconds.empty()) {
    if (seconds[0] != ':' || seconds.size() != 3 || !AllDigits(seconds.substr(1))) return 0;
    seconds.remove_prefix(1);
  }
  out->Words(hour_words);
  if (minutes == "00" && seconds.empty()) {
    if (meridiem == 0) out->Word(std::stoi(std::string(hour)) > 12 || hour == "00" ? "hundred" : "o'clock");
  } else {
    SayMinutes(minutes, out);
  }
  if (!seconds.empty()) {
    out->Word("and");
    WordList words;
    AppendCardinal(seconds, &words);
    out->Words(words);
    out->Word(seconds == "01" ? "second" : "seconds");
  }
  if (meridiem != 0) SayMeridiem(meridiem, out);
  return used;
}

}  // namespace m2tts
