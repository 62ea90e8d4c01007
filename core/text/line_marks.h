// What the lines of plain text and of Markdown are: items of lists, headings, quotations, and lines
// that belong to no wrapped paragraph.
//
// Pure functions over raw text, which look a bounded way around. Used by the sentence splitter.
#pragma once

#include <cstddef>
#include <string_view>

namespace m2tts {

// "II", "XIV": numbers a section at the start of its line. Of I, V and X, two or more.
bool IsListNumeral(std::string_view word);

// Whether the line break before `next` (where text goes on, after blanks) parts sentences, of which
// the first began at `begin` and its last line ends at `line_end`. With `short_lines` a short line
// counts, too, when the next begins like a sentence or with a number.
bool LineBreakEnds(std::string_view text, size_t begin, size_t line_end, size_t next, bool short_lines);

}  // namespace m2tts
