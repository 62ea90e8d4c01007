// <say-as>: text read in the way that its author names.
#pragma once

#include <string_view>

#include "core/text/markup/marked_text.h"
#include "core/text/rules.h"

namespace m2tts {

// Says `content` (as in the input) as `say_as` asks. False when the content is no such thing; then
// nothing was said, and it is read in the usual way. Not for kNormal.
bool SayContentAs(std::string_view content, SayAs say_as, const Lexicon& lexicon, const TextStyle& style,
                  SpokenList* out);

}  // namespace m2tts
