// Clock times, shared by times of day and dates with a time.
#pragma once

#include <string_view>

#include "core/text/rules.h"

namespace m2tts {

// "10:30" -> "ten thirty", "9:05" -> "nine oh five", "01:00" -> "one o'clock", or just "one"
// when `bare` (before "p.m."). False when `text` is no hour and minutes.
bool SayClock(std::string_view text, bool bare, SpokenList* out);

}  // namespace m2tts
