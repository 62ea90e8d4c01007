// From one raw sentence to the list of things to say.
//
// Fold -> tokenize -> rules. Stateless; any thread may call it.
#pragma once

#include <string_view>
#include <vector>

#include "core/text/markup/marked_text.h"
#include "core/text/rules.h"
#include "core/text/style.h"

namespace m2tts {

struct NormalizerContext {
  const Lexicon& lexicon;
  TextStyle style;
  const UserLexicons* user = nullptr;  // may be absent
};

// Normalizes `raw`, whose first byte is byte `base` of the input. Ranges in the result and
// in the warnings are positions in the input.
std::vector<SpokenItem> Normalize(std::string_view raw, size_t base, const NormalizerContext& context,
                                  std::vector<TextWarning>* warnings);

// The same for bytes [range.begin, range.end) of marked text, its spans said as they ask. Ranges are
// positions in the source of the markup.
std::vector<SpokenItem> NormalizeMarked(const MarkedText& marked, TextRange range,
                                        const NormalizerContext& context, std::vector<TextWarning>* warnings);

}  // namespace m2tts
