// The building blocks of morphology.cc that need no grammar: respellings and
// compounds. Pure functions; any thread may call them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/text/lexicon.h"

namespace m2tts::parts {

// Both ask for at least one letter more than `end` or `start`.
bool EndsWith(std::string_view word, std::string_view end);
bool StartsWith(std::string_view word, std::string_view start);

// The first variant of `word` in the lexicon.
std::optional<Pronunciation> Look(std::string_view word, const Lexicon& lexicon);

// Primary stress becomes secondary.
void DemoteStress(Pronunciation* p);

// Another spelling of `word` to try instead; empty when there is none.
struct Respelling {
  std::string_view name;
  std::string (*respell)(std::string_view word, const Lexicon& lexicon);
};
std::string UndoBritish(std::string_view word, const Lexicon& lexicon);        // "colourise", "theatre"
std::string UndoElongation(std::string_view word, const Lexicon& lexicon);     // "soooo", "noooo"
std::string RestoreApostrophe(std::string_view word, const Lexicon& lexicon);  // "shouldve"
inline constexpr Respelling kRespellings[] = {
    {"british", UndoBritish}, {"elongated", UndoElongation}, {"apostrophe", RestoreApostrophe}};

// "storekeeper": two words of the lexicon; the most even split wins.
std::optional<Pronunciation> Compound(std::string_view word, const Lexicon& lexicon);

}  // namespace m2tts::parts
