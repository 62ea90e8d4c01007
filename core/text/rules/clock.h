// Clock times and lengths, shared by times of day and dates with a time.
#pragma once

#include <string_view>

#include "core/text/rules.h"

namespace m2tts {

// "10:30" -> "ten thirty", "9:05" -> "nine oh five", "01:00" -> "one o'clock", or just "one"
// when `bare` (before "p.m."). False when `text` is no hour and minutes.
bool SayClock(std::string_view text, bool bare, SpokenList* out);

// "2:05:30" -> "two hours five minutes and thirty seconds". False when it is no such length.
bool SayClockLength(std::string_view text, SpokenList* out);
// The same after a date, a time of day: "14:30:00" -> "fourteen thirty", "14:30:15" -> "... and
// fifteen seconds".
bool SayClockWithSeconds(std::string_view text, SpokenList* out);
// "1:23.456" -> "one minute twenty three point four five six seconds".
bool SayLap(std::string_view text, SpokenList* out);
// "5h30m", or the "15m" of "2h 15m", at token `i`: 1 when it was one, else 0.
size_t SayDuration(const RuleInput& in, size_t i, SpokenList* out);

}  // namespace m2tts
