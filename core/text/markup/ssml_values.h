// The values of SSML's attributes. Pure functions; nullopt for what is no such value.
#pragma once

#include <optional>
#include <string_view>

namespace m2tts {

// "500ms", "1.5s": seconds, not negative.
std::optional<double> ParseSsmlTime(std::string_view text);
// "none" to "x-strong": seconds. SSML leaves the lengths to the voice.
std::optional<double> ParseSsmlBreakStrength(std::string_view text);
// "slow", "120%", "1.5", "+20%": a factor on the rate of speech.
std::optional<double> ParseSsmlRate(std::string_view text);
// "high", "+2st", "-10%": semitones.
std::optional<double> ParseSsmlPitch(std::string_view text);
// "loud", "silent", "+6dB": a linear gain.
std::optional<double> ParseSsmlVolume(std::string_view text);

}  // namespace m2tts
