// A subset of SSML 1.1 (W3C, https://www.w3.org/TR/speech-synthesis11/) to marked text.
//
// speak, p, s, break(time, strength), prosody(rate, pitch, volume), say-as(interpret-as, format),
// sub(alias), phoneme(alphabet, ph), emphasis(level), mark(name), lang(xml:lang).
// Anything else is a warning, and its content is read. Document types and entities of one's own are
// refused, so is nesting deeper than kMaxSsmlDepth: there is nothing to expand.
#pragma once

#include <string_view>

#include "core/base/status.h"
#include "core/text/markup/marked_text.h"

namespace m2tts {

inline constexpr int kMaxSsmlDepth = 32;
// Longer pauses are shortened to this, with a warning.
inline constexpr double kMaxBreakSeconds = 10.0;

// INVALID_ARGUMENT with line and column for what is not well-formed XML with <speak> at its root.
StatusOr<MarkedText> ParseSsml(std::string_view xml);

}  // namespace m2tts
