// An evaluation as text for people and as JSON for programs.
#pragma once

#include <string>

#include "trainer/evaluation/compare_systems.h"

namespace m2tts {

// Two tables with a row for the recordings ("natural") and each system: word errors, then distances.
std::string FormatEvalTable(const EvalReport& report);

// One JSON object: the totals of the first voice (a system that is not aligned), then those of all under
// "systems", and all sentences under "sentences". Rates are
// fractions, not per cent; "wer" and its like are missing when no recognizer was run, "f0_rmse_hz" and its
// like where nothing was voiced on both sides.
std::string FormatEvalJson(const EvalReport& report);

}  // namespace m2tts
