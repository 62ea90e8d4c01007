// Times of day; lengths of time are duration.cc's.
//
//   time     := h ":" mm [meridiem] [zone] | h meridiem [zone] | h "." mm meridiem
//   span     := time dash time | h dash h meridiem
//
// "10:30 p.m.", "5pm-7pm", "9-5pm", "01:00" (one o'clock), "14:30". Zones are letters: the words after a time
// that AcronymRule reads, and "est" in small letters.
#include "core/text/char_class.h"
#include "core/text/rules.h"
#include "core/text/rules/clock.h"
#include "core/text/rules/date_parts.h"
#include "core/text/rules/year.h"

namespace m2tts {
namespace {

// 'a' for a.m., 'p' for p.m., 0 for neither.
char Meridiem(std::string_view text) {
  if (text.size() < 2 || text.size() > 4) return 0;
  const char first = ToLowerChar(text[0]);
  if (first != 'a' && first != 'p') return 0;
  const std::string_view rest = text.substr(1);
  for (const std::string_view form : {"m", ".m", ".m.", "m."}) {
    if (EqualsIgnoreCase(rest, form)) return first;
  }
  return 0;
}

void SayMeridiem(char meridiem, SpokenList* out) {
  out->Letter(meridiem);
  out->Letter('m');
}

bool IsHour(std::string_view text) {
  return AllDigits(text) && text.size() <= 2 && DigitsValue(text) <= 24;
}

// "10", "10:30", "1.59": `text` is all of a time but its meridiem.
bool SayTwelveHours(std::string_view text, SpokenList* out) {
  if (IsHour(text)) {
    out->Cardinal(text);
    return true;
  }
  if (const size_t dot = text.find('.'); dot != std::string_view::npos && dot + 3 == text.size()) {
    const std::string with_colon = std::string(text.substr(0, dot)) + ":" + std::string(text.substr(dot + 1));
    return SayClock(with_colon, true, out);
  }
  return SayClock(text, true, out);
}

// One end of a span in a token: "5pm", "10:30", "9".
struct Clock {
  std::string_view digits;
  char meridiem = 0;
};

Clock SplitMeridiem(std::string_view text) {
  size_t letters = 0;
  while (letters < text.size() && !IsAlphaChar(text[letters])) ++letters;
  Clock clock{text.substr(0, letters), 0};
  if (letters < text.size()) {
    clock.meridiem = Meridiem(text.substr(letters));
    if (clock.meridiem == 0) clock.digits = {};
  }
  return clock;
}

bool IsClock(std::string_view digits) {
  if (IsHour(digits)) return true;
  const size_t colon = digits.find(':');
  return colon != std::string_view::npos && colon + 3 == digits.size() && IsHour(digits.substr(0, colon)) &&
         AllDigits(digits.substr(colon + 1)) && digits[colon + 1] < '6';
}

// A small-letter zone after a time: "1:59 p.m. est".
size_t SayZone(const RuleInput& in, size_t at, SpokenList* out) {
  const std::string_view text = in.At(at).text;
  if (!in.Is(at, TokenKind::kWord) || text.size() != 3 || !IsLowerChar(text[0])) return 0;
  for (const std::string_view zone :
       {"est", "edt", "cst", "cdt", "mst", "mdt", "pst", "pdt", "gmt", "utc", "bst", "cet"}) {
    if (text == zone) {
      out->Letters(text);
      return 1;
    }
  }
  return 0;
}

void SayEnd(const Clock& clock, bool bare, SpokenList* out) {
  if (IsHour(clock.digits)) {
    out->Cardinal(clock.digits);
  } else {
    SayClock(clock.digits, bare || clock.meridiem != 0, out);
  }
  if (clock.meridiem != 0) SayMeridiem(clock.meridiem, out);
}

size_t SaySpan(const RuleInput& in, size_t i, size_t dash, SpokenList* out) {
  const std::string_view text = in.At(i).text;
  const Clock from = SplitMeridiem(text.substr(0, dash));
  Clock to = SplitMeridiem(text.substr(dash + 1));
  if (!IsClock(from.digits) || !IsClock(to.digits)) return 0;
  size_t used = 1;
  const bool colon =
      from.digits.find(':') != std::string_view::npos || to.digits.find(':') != std::string_view::npos;
  if (to.meridiem == 0 && in.Is(i + 1, TokenKind::kWord) && (to.meridiem = Meridiem(in.At(i + 1).text)) != 0)
    ++used;
  if (!colon && to.meridiem == 0) return 0;
  SayEnd(from, to.meridiem != 0, out);
  out->Word("to");
  SayEnd(to, to.meridiem != 0, out);
  return used + SayZone(in, i + used, out);
}

// "0800 hours", "at 1300 hours".
bool SayMilitary(const RuleInput& in, size_t i, std::string_view text, SpokenList* out) {
  if (text.size() != 4 || !AllDigits(text) || in.At(i + 1).text != "hours") return false;
  if (!IsHour(text.substr(0, 2)) || text[2] > '5') return false;
  if (text[0] != '0' && (i == 0 || !(in.At(i - 1).text == "at" || in.At(i - 1).text == "by"))) return false;
  if (text[0] == '0') out->Word("zero");
  out->Cardinal(text.substr(0, 2));
  if (text.substr(2) == "00") {
    out->Word("hundred");
  } else {
    out->Cardinal(text.substr(2));
  }
  return true;
}

// "a 1:10 ratio", "a scale of 1:24", "mixed 1:20": two numbers, said with "to" by RangeRule.
bool IsRatio(const RuleInput& in, size_t i) {
  for (const std::string_view after : {"ratio", "scale", "odds", "dilution", "mix", "mixture"}) {
    if (in.At(i + 1).text == after) return true;
  }
  if (i == 0) return false;
  const bool of = i > 1 && (in.At(i - 1).text == "of" || in.At(i - 1).text == "is");
  const std::string_view before = in.At(of ? i - 2 : i - 1).text;
  for (const std::string_view said : {"ratio", "scale", "odds", "dilution", "mixed", "mix", "diluted"}) {
    if (EqualsIgnoreCase(before, said)) return true;
  }
  return false;
}

// Whether a date in digits or a year ends right before token `i`: "2024-01-15 14:30:00".
bool FollowsDate(const RuleInput& in, size_t i) {
  if (i > 0 && in.IsMark(i - 1, ',')) --i;
  if (i == 0 || !in.Is(i - 1, TokenKind::kNumber)) return false;
  const std::string_view text = in.At(i - 1).text;
  const size_t mark = text.find_first_of("-/.");
  return IsYear(text) ||
         (mark != std::string_view::npos && text.find(text[mark], mark + 1) != std::string_view::npos);
}

}  // namespace

bool SayClock(std::string_view text, bool bare, SpokenList* out) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos || !IsClock(text)) return false;
  const std::string_view minutes = text.substr(colon + 1);
  out->Cardinal(text.substr(0, colon));
  if (minutes == "00") {
    if (!bare) out->Word("o'clock");
    return true;
  }
  if (minutes[0] == '0') out->Word("oh");
  out->Cardinal(minutes);
  return true;
}

size_t TimeRule(const RuleInput& in, size_t i, SpokenList* out) {
  if (!in.Is(i, TokenKind::kNumber)) return 0;
  const std::string_view text = in.At(i).text;
  if (!IsDigitChar(text[0]) || text.size() > 16) return 0;
  if (const size_t dash = text.find_first_of("-\x81"); dash != std::string_view::npos)
    return SaySpan(in, i, dash, out);
  if (SayMilitary(in, i, text, out)) return 1;
  const Clock clock = SplitMeridiem(text);
  if (clock.digits.empty()) {
    return SayDuration(in, i, out);
  }
  char meridiem = clock.meridiem;
  size_t used = 1;
  // "I am 5 am I not" is rarer than "5 am".
  if (meridiem == 0 && in.Is(i + 1, TokenKind::kWord) && (meridiem = Meridiem(in.At(i + 1).text)) != 0)
    used = 2;
  if (meridiem != 0) {
    const size_t mark = out->items.size();
    if (SayTwelveHours(clock.digits, out)) {
      SayMeridiem(meridiem, out);
      return used + SayZone(in, i + used, out);
    }
    if (SayClockLength(clock.digits, out)) {
      SayMeridiem(meridiem, out);
      return used;
    }
    out->items.resize(mark);
    return 0;
  }
  if (clock.digits.find(':') == std::string_view::npos) return 0;
  // "10:30 o'clock" says it once.
  const bool bare = in.Is(i + 1, TokenKind::kWord) && EqualsIgnoreCase(in.At(i + 1).text, "o'clock");
  if (IsRatio(in, i)) return 0;
  if (FollowsDate(in, i) && SayClockWithSeconds(clock.digits, out)) return 1 + SayZone(in, i + 1, out);
  if (SayClock(clock.digits, bare, out)) return 1 + SayZone(in, i + 1, out);
  return SayClockLength(clock.digits, out) || SayLap(clock.digits, out) ? 1 : 0;
}

}  // namespace m2tts
