// What a phrasing model learns from: sentences with the part of speech of each word, and where they pause.
//
//   printing/nn , in/in the/dt only/jj sense/nn | with/in which/wdt we/prp are/vbp concerned/jj
//
// One sentence a line, tokens with blanks between: a word in lower case and its tag, "," for a pause that
// punctuation asks for, "|" for one that nothing asks for. The "'s" of a possessive is a token of its own.
// Blank lines and those that begin with "#" are passed over.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"

namespace m2tts {

inline constexpr std::string_view kPauseTag = "punc";

struct TaggedToken {
  std::string text;  // empty: a pause
  std::string tag;
  bool break_after = false;
};
using TaggedSentence = std::vector<TaggedToken>;  // ends with a pause

// INVALID_ARGUMENT names `source`, the line and what is wrong there.
StatusOr<std::vector<TaggedSentence>> ParseTaggedText(std::string_view text, const std::string& source);

// The tokens as a phrasing model takes them; views of `sentence`.
std::vector<std::string_view> TokensOf(const TaggedSentence& sentence);

}  // namespace m2tts
