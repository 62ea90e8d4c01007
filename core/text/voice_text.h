// What a voice's folder says about reading text: text.yaml, how numbers and dates are read, and lexicon.txt,
// words.
#pragma once

#include <filesystem>

#include "core/base/status.h"
#include "core/base/strict_yaml.h"
#include "core/text/frontend.h"

namespace m2tts {

// Values of a reading style; a later level changes only what it names.
void ReadTextStyle(StrictYaml* yaml, TextStyle* style);

// Both files are optional. An error names the file, and the line of what is wrong with it.
StatusOr<ReadOptions> ReadVoiceText(const std::filesystem::path& folder);

}  // namespace m2tts
