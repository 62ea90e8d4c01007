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
// "5h30m", or the "15m" of "2h 15m", at token `i`: 1 when it was one, else 0.
size_t SayDuration(const RuleInput& in, size_t i, SpokenList* out);

}  // namespace m2tts
