// Words that are spelled alike and sound differently, told apart by their neighbours.
//
// A small table of simple rules: the word before (a determiner asks for the noun, "to" or a
// pronoun for the verb, "have" for the participle). Immutable; any thread may call it.
#pragma once

#include <string_view>

#include "core/text/user_lexicon.h"

namespace m2tts {

// ARPAbet for `word` between `previous` and `next` (lower case, empty at the edges of the
// sentence), or an empty view when the word is no homograph of ours.
std::string_view ChooseHomograph(std::string_view word, std::string_view previous, std::string_view next);

// Noun or verb, as the word before suggests; kAny when it tells nothing.
WordRole GuessRole(std::string_view previous);

}  // namespace m2tts
