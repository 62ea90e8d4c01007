// What a single full stop does: it ends a sentence, or belongs to the word before it.
//
// The sentence splitter asks of the raw text, the tokenizer of the folded one; what both need to
// know, abbreviations and the words around them, is here. Pure functions that look a bounded way.
#pragma once

#include <cstddef>
#include <string_view>

namespace m2tts {

// The first letter or digit at or after `i`, past opening quotes and brackets; 0 at the end.
char FirstOf(std::string_view text, size_t i);

// Whether the full stop at `dot` of raw text ends the sentence that began at `sentence_begin`.
// `next` is where the text goes on, after closing marks and blanks.
bool FullStopEnds(std::string_view text, size_t sentence_begin, size_t dot, size_t next);

// Whether the full stop at `dot` is part of the word of folded text that begins at `begin`.
bool FullStopBelongs(std::string_view text, size_t begin, size_t dot);

// Whether `word` counts the number that is glued to its full stop: "No.5", "p.45", "Jan.5".
bool FullStopCounts(std::string_view word);

}  // namespace m2tts
