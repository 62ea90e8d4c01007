// Lengths of time.
//
//   length := h ":" mm ":" ss ["." digits] | m ":" ss "." digits | h "h" mm ["m" | "min"] | h "h" " " mm "m"
#include "core/text/char_class.h"
#include "core/text/rules/clock.h"
#include "core/text/rules/date_parts.h"

namespace m2tts {
namespace {

void SayCount(std::string_view digits, const char* what, SpokenList* out) {
  out->Cardinal(digits);
  out->Word(std::string(what) + (DigitsValue(digits) == 1 ? "" : "s"));
}

// "04.5": two digits below 60, and a fraction.
bool ParseSecondsAndFraction(std::string_view text, PlainNumber* seconds) {
  return text.size() > 3 && text[2] == '.' && ParsePlainNumber(text, seconds) && seconds->whole.size() == 2 &&
         seconds->whole <= "59";
}

void SaySecondsAndFraction(PlainNumber seconds, SpokenList* out) {
  if (seconds.whole[0] == '0') seconds.whole.erase(0, 1);
  SayPlainNumber(seconds, out);
  out->Word("seconds");
}

// "5h30m", "2h30", "1h15min".
bool SayHoursAndMinutes(std::string_view text, SpokenList* out) {
  const size_t h = text.find('h');
  if (h == std::string_view::npos || h + 1 >= text.size() || !AllDigits(text.substr(0, h)) || h > 3)
    return false;
  size_t end = h + 1;
  while (end < text.size() && IsDigitChar(text[end])) ++end;
  const std::string_view minutes = text.substr(h + 1, end - h - 1);
  const std::string_view unit = text.substr(end);
  if (minutes.empty() || minutes.size() > 2 || !(unit.empty() || unit == "m" || unit == "min")) return false;
  SayCount(text.substr(0, h), "hour", out);
  SayCount(minutes, "minute", out);
  return true;
}

// "15m" after "2h" is minutes.
bool FollowsHours(const RuleInput& in, size_t i) {
  if (i == 0 || !in.Is(i - 1, TokenKind::kNumber)) return false;
  const std::string_view before = in.At(i - 1).text;
  return before.size() > 1 &&
         (before.back() == 'h' || (before.size() > 2 && before.substr(before.size() - 2) == "hr"));
}

}  // namespace

bool SayClockLength(std::string_view text, SpokenList* out) {
  const size_t first = text.find(':');
  const size_t second = text.find(':', first + 1);
  if (second == std::string_view::npos) return false;
  const std::string_view hours = text.substr(0, first);
  const std::string_view minutes = text.substr(first + 1, second - first - 1);
  const std::string_view seconds = text.substr(second + 1);
  PlainNumber fractional;
  const bool whole = seconds.size() == 2 && AllDigits(seconds) && seconds <= "59";
  if (!AllDigits(hours) || hours.size() > 3 || !AllDigits(minutes) || minutes.size() != 2 || minutes > "59" ||
      !(whole || ParseSecondsAndFraction(seconds, &fractional))) {
    return false;
  }
  SayCount(hours, "hour", out);
  SayCount(minutes, "minute", out);
  out->Word("and");
  if (whole) {
    SayCount(seconds, "second", out);
  } else {
    SaySecondsAndFraction(fractional, out);
  }
  return true;
}

bool SayClockWithSeconds(std::string_view text, SpokenList* out) {
  const size_t second = text.rfind(':');
  if (second == std::string_view::npos || text.size() != second + 3) return false;
  const std::string_view seconds = text.substr(second + 1);
  if (!AllDigits(seconds) || seconds > "59" || !SayClock(text.substr(0, second), false, out)) return false;
  if (seconds == "00") return true;
  out->Word("and");
  SayCount(seconds, "second", out);
  return true;
}

bool SayLap(std::string_view text, SpokenList* out) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon > 2 || text.size() < colon + 5) return false;
  PlainNumber seconds;
  if (!AllDigits(text.substr(0, colon)) || !ParseSecondsAndFraction(text.substr(colon + 1), &seconds))
    return false;
  if (DigitsValue(text.substr(0, colon)) > 0) SayCount(text.substr(0, colon), "minute", out);
  SaySecondsAndFraction(seconds, out);
  return true;
}

size_t SayDuration(const RuleInput& in, size_t i, SpokenList* out) {
  const std::string_view text = in.At(i).text;
  if (text.size() >= 3 && SayHoursAndMinutes(text, out)) return 1;
  const std::string_view minutes = text.substr(0, text.size() - 1);
  if (text.back() != 'm' || !AllDigits(minutes) || minutes.size() > 3 || !FollowsHours(in, i)) return 0;
  SayCount(minutes, "minute", out);
  return 1;
}

}  // namespace m2tts
