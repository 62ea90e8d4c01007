// One piece of a written word (no blanks, hyphens or full stops), said the way people do:
// "FBI" by letters, "NASA" as a word, "iOS" and "PhD" in their parts, "house" as it stands.
#pragma once

#include <string_view>

#include "core/text/rules.h"

namespace m2tts {

// Whether capitals `upper` are said letter by letter. Order of decision: lists of known
// acronyms; how the lexicon says them; for two or three letters, whether they are a common
// short word; four or five unknown letters are spelled, longer ones are words when they have a vowel.
bool IsSpelledOut(std::string_view upper, const RuleInput& in);

// Whether the lexicon's own sound of `lower` is the names of its letters ("abc", "ibm").
bool LexiconSpells(const Lexicon& lexicon, std::string_view lower);

// Says `part`. Letters and apostrophes only; case is as written.
void SayPart(std::string_view part, const RuleInput& in, SpokenList* out);

// Letters by name, with a final "s" or "'s": "CPUs" -> c, p, "u's".
void SayLetters(std::string_view letters, bool suffix, SpokenList* out);

}  // namespace m2tts
