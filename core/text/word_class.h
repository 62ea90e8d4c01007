// A small part-of-speech guess for one word from its neighbours.
//
// Not a tagger of sentences: closed-class words (determiners, auxiliaries, pronouns,
// prepositions) and the endings of open-class ones vote on what the word between them can
// be, in the spirit of the decision lists of Yarowsky, "Homograph Disambiguation in
// Text-to-Speech Synthesis" (1997); Gorman et al., "Improving homograph disambiguation with
// supervised machine learning" (2018) find the same neighbours to carry most of the decision.
// Pure functions; any thread may call them.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/text/word_context.h"

namespace m2tts {

// Bits of what a neighbour may be. 0: an open-class word without a telling ending.
using WordKinds = uint32_t;
enum WordKind : WordKinds {
  kDeterminer = 1u << 0,
  kToWord = 1u << 1,
  kModal = 1u << 2,  // with do: a base form follows
  kHaveWord = 1u << 3,
  kBeWord = 1u << 4,
  kSubject = 1u << 5,  // I, you, we, they, who
  kThird = 1u << 6,    // he, she, it
  kObjective = 1u << 7,
  kPreposition = 1u << 8,
  kAdverb = 1u << 9,
  kConjunction = 1u << 10,
  kQuestionWord = 1u << 11,
  kNumeral = 1u << 12,
  kAdjective = 1u << 13,
  kTakesVerb = 1u << 14,  // let, make, help: a base form follows, after an object too
  kPlural = 1u << 15,
  kIngForm = 1u << 16,
  kEdForm = 1u << 17,
  kGroup = 1u << 18,  // people, who take a verb without -s
};
WordKinds KindsOf(std::string_view word);

// How well each class fits; higher is better, only the order matters.
struct ClassScores {
  int noun = 0;
  int verb = 0;         // base or present form
  int past = 0;         // past tense or participle
  int attributive = 0;  // adjective before a noun
  int predicative = 0;  // adjective after "be"
};
ClassScores ScoreClasses(const WordContext& context);

// Whether a determiner, number, adjective or preposition governs the word, so that it is no verb.
bool InNounPhrase(const WordContext& context);

// > 0 when the words around speak of the past ("yesterday", "ago", "was"), < 0 of habit.
int PastEvidence(const WordContext& context);

}  // namespace m2tts
