// What a voice's folder says about reading text: text.yaml, how numbers and dates are read and whether
// phrases end with a pause, and lexicon.txt, words.
#pragma once

#include <filesystem>

#include "core/base/status.h"
#include "core/base/strict_yaml.h"
#include "core/text/frontend.h"

namespace m2tts {

// Values of a reading style; a later level changes only what it names.
void ReadTextStyle(StrictYaml* yaml, TextStyle* style);

// What text.yaml changes of `style`. The file is optional; an error names it, and the line of what is wrong.
Status ReadVoiceStyle(const std::filesystem::path& folder, TextStyle* style);

// The same with the words of lexicon.txt, which is optional too. `phrase_breaks`: what voice.json says.
StatusOr<ReadOptions> ReadVoiceText(const std::filesystem::path& folder, bool phrase_breaks);

}  // namespace m2tts
