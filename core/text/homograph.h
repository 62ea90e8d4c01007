// Words that are spelled alike and sound differently, told apart by their neighbours.
//
// Each has two readings and the word classes they serve; cue words decide where there are
// some ("lead pipe", "bass guitar"), the class guess of word_class.h decides the rest. Then
// the article "a" against the letter, and "used to". Immutable; any thread may call it.
#pragma once

#include <optional>

#include "core/text/arpabet.h"
#include "core/text/user_lexicon.h"
#include "core/text/word_context.h"

namespace m2tts {

// How the word of `context` sounds there; nullopt when it is no homograph of ours.
std::optional<Pronunciation> ChooseHomograph(const WordContext& context);

// Noun or verb, as its neighbours suggest; kAny when they tell nothing.
WordRole GuessRole(const WordContext& context);

}  // namespace m2tts
