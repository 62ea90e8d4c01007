// Pieces of the rule of measures that money and plain numbers share.
#pragma once

#include <cstddef>

#include "core/text/rules.h"

namespace m2tts {

// "/lb", "/month", "/sq ft" right after an amount: "per pound". Returns the tokens read from
// `at`, 0 when there is no such thing.
size_t SayPer(const RuleInput& in, size_t at, SpokenList* out);

// " km", " m/s" apart from the number before it, in the plural. Returns the tokens read.
size_t SayUnitAfter(const RuleInput& in, size_t at, SpokenList* out);

// Whether a number after `word` is the name of a place, letters and all: "Route 9W", "gate 14C".
bool IsPlace(std::string_view word);

}  // namespace m2tts
