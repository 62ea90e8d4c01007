// An analysis for people (a table of words) and for scripts (one line per text).
#pragma once

#include <ostream>
#include <string>

#include "m2tts/v1/synthesizer.pb.h"

namespace m2tts {

// What a script wants of a line of text.
enum class AnalysisStage {
  kNormalized,  // the words as spoken, one blank between
  kPhonemes,    // ARPAbet with stress digits, words joined by " | "
  kFull,        // everything, as one line of JSON
};

// One line, without the newline: all sentences of `analysis` joined. Empty when there are none
// (kFull: an object without sentences).
std::string StageLine(const v1::AnalyzeTextResponse& analysis, AnalysisStage stage);

// For each sentence its text, then per word: what was written, its class, what is said, the
// phonemes, and where they came from; then the warnings. `text` is what was analyzed.
void PrintReport(const v1::AnalyzeTextResponse& analysis, const std::string& text, std::ostream& out);

// "warning: bytes 3 to 11: ..." for every warning, each line begun with `prefix`.
void PrintWarnings(const v1::AnalyzeTextResponse& analysis, const std::string& prefix, std::ostream& out);

}  // namespace m2tts
