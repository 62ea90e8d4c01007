// JSON read strictly: what a file that came from somewhere may not do to us.
#pragma once

#include <cstddef>
#include <string_view>

#include "core/base/status.h"

namespace m2tts {

// INVALID_ARGUMENT with the byte for a syntax error, invalid UTF-8, text after the document,
// a key given twice in one object, or nesting deeper than `max_depth`. Builds no values, so
// a hostile document costs little; afterwards any parser may read the text.
Status CheckStrictJson(std::string_view text, int max_depth);

}  // namespace m2tts
