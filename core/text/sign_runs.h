// Signs that mean something only together: arrows, "==", angle brackets around a name.
//
// Pure functions over folded text, which look a bounded way ahead. Used by the tokenizer.
#pragma once

#include <cstddef>
#include <string_view>

namespace m2tts {

// The length of the arrow at `at`, or 0: "->", "=>", "-->", "<-", "<->".
size_t ArrowLength(std::string_view text, size_t at);

// Whether the run of `length` signs "=" at `at` compares what stands on both sides: "x == 3",
// "a !== b". Longer runs, and those around a heading, are decoration.
bool IsComparison(std::string_view text, size_t at, size_t length);

// The ">" that closes the "<" at `at` when the two are brackets: "Bob <bob@x.com>", "<b>", "</b>";
// npos when the sign is "less than".
size_t AngleBracketEnd(std::string_view text, size_t at);

}  // namespace m2tts
