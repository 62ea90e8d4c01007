// Unknown words made of known ones: possessives, plurals, -ed, -ing and other endings,
// prefixes, British spellings, compounds, and playful spellings.
// Tried before guessing, where measured to be surer than a guess (tests/core/text/
// morphology_test.cc measures each rule on words held out of the dictionary).
//
// Pure functions over an immutable lexicon; any thread may call them. O(length^2) at worst.
#pragma once

#include <optional>
#include <string_view>

#include "core/text/lexicon.h"

namespace m2tts {

// The pronunciation of `word` (lower case) built from lexicon words; nullopt when it is not so
// built. `*rule`, when given, names the rule that built it ("-ing", "un-", "compound").
std::optional<Pronunciation> PronounceByParts(std::string_view word, const Lexicon& lexicon,
                                              std::string_view* rule = nullptr);

// Appends the sound of a plural or possessive "s" after `*stem`: "IX Z", "S" or "Z".
void AppendPluralS(Pronunciation* stem);

}  // namespace m2tts
