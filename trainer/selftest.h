// The minimal check of the whole pipeline, as the reference project has it: makes a tiny
// corpus, trains every stage for a few steps, exports, loads, speaks, and checks each.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "core/base/status.h"

namespace m2tts {

// Works in `folder`, which must not exist or be empty. `report` gets a line per check passed.
Status RunSelftest(const std::filesystem::path& folder, const std::filesystem::path& lexicon,
                   const std::function<void(const std::string&)>& report);

}  // namespace m2tts
