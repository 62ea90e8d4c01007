// From the checkpoints of a run to a voice bundle. A stage that the run has not trained comes from where the
// run started (init_from); without either there is no voice, or one that speaks by griffin_lim.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "trainer/config/train_config.h"

namespace m2tts {

struct ExportOptions {
  std::filesystem::path run;        // folder that `train` wrote
  std::filesystem::path output;     // voice folder; its name becomes the voice's
  std::string dtype = "fp16";       // fp32, fp16 or int8
  bool best = false;                // the checkpoints with the best validation, not the newest
  std::string metrics_json = "{}";  // measured elsewhere; kept in provenance
};

struct ExportReport {
  std::string vocoder;  // griffin_lim when none was trained
  int64_t parameters = 0;
  double gflop_per_audio_second = 0.0;
  int64_t bytes = 0;
  int64_t acoustic_steps = 0;
  int64_t vocoder_steps = 0;
  std::vector<std::string> messages;  // a line for each damaged checkpoint that was passed over
};

// Writes the bundle atomically, then loads it again and compares every tensor.
StatusOr<ExportReport> ExportVoice(const ExportOptions& options);

}  // namespace m2tts
