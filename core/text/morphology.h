// Unknown words made of known ones: possessives, plurals, -ed, -ing and other endings,
// prefixes, compounds. Tried before guessing, since the parts are sure.
//
// Pure functions over an immutable lexicon; any thread may call them.
#pragma once

#include <optional>
#include <string_view>

#include "core/text/lexicon.h"

namespace m2tts {

// The pronunciation of `word` (lower case) built from lexicon words; nullopt when it is not so built.
std::optional<Pronunciation> PronounceByParts(std::string_view word, const Lexicon& lexicon);

// Appends the sound of a plural or possessive "s" after `*stem`: "IX Z", "S" or "Z".
void AppendPluralS(Pronunciation* stem);

}  // namespace m2tts
