// The other half of a phrasing model: scores of breaks, learned by the structured perceptron of Collins,
// "Discriminative Training Methods for Hidden Markov Models" (2002), with averaged weights. Whatever series
// of breaks the search prefers to the right one loses what they differ in.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "core/text/phrasing/break_search.h"

namespace m2tts {

struct BreakExample {
  std::vector<uint8_t> classes;     // of the tokens
  std::vector<Juncture> junctures;  // what is given; scores are not looked at
  std::vector<bool> breaks;         // what is right, also where it is given
};

struct BreakScores {
  std::vector<float> by_context;  // [classes][classes][classes], as in core/text/phrasing/phrase_format.h
  HistoryScores history{};
};

struct BreakOptions {
  int epochs = 20;  // passes over the examples
  uint32_t seed = 1;
};

// `pause_class` stands before the first token. The same examples and options give the same scores.
// `progress` (may be empty) hears after each pass how many places of all open ones were decided wrongly.
BreakScores TrainBreaks(const std::vector<BreakExample>& examples, size_t class_count, uint8_t pause_class,
                        const BreakOptions& options,
                        const std::function<void(int epoch, double wrong)>& progress);

}  // namespace m2tts
