// An evaluation as text for people and as JSON for programs.
#pragma once

#include <string>

#include "trainer/evaluation/compare_systems.h"

namespace m2tts {

// A table: a row for the recordings, a row for the voice, and the difference between them.
std::string FormatEvalTable(const EvalReport& report);

// One JSON object with the totals, and a list of all sentences under "sentences". Rates are
// fractions, not per cent; "wer" and "difference" are missing when no recognizer was run.
std::string FormatEvalJson(const EvalReport& report);

}  // namespace m2tts
