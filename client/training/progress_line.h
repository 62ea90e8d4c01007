// A line about a running job that fits into a terminal: what is unknown is left out, then what matters least.
#pragma once

#include <string>
#include <vector>

#include "m2tts/v1/training.pb.h"

namespace m2tts {

// "acoustic [####....] 20/40  loss 0.3127 ▇▅▃▁  2150 frames/s  ETA 3 min  device 87 %  412 MB  61 C", at most
// `columns` wide. Unknown is what is not set, 0, or no number. losses: of this stage, for the sparkline;
// empty: none.
std::string ProgressLine(const v1::JobProgress& progress, const std::vector<double>& losses, size_t columns);

}  // namespace m2tts
