// When four digits are a year. Shared by dates, years and ranges.
#pragma once

#include <string_view>

#include "core/text/rules.h"

namespace m2tts {

// 1100 to 2099 without a comma: read in pairs unless something is counted.
bool IsYear(std::string_view text);
// Whether token `i`, which IsYear, is one in its place: "in 1500" and "1500," are, "1500 people"
// and "over 1500" are not. Looks at two tokens on either side.
bool IsYearInContext(const RuleInput& in, size_t i);
// "in", "since", "summer": what stands right before years.
bool IsBeforeYear(std::string_view word);
// Whether `word` looks like the plural of a thing: "people", "votes", not "was".
bool IsPluralNoun(std::string_view word);

}  // namespace m2tts
