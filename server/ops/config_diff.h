// Which keys differ between two versions of a configuration file.
#pragma once

#include <string>
#include <vector>

#include "core/base/status.h"

namespace m2tts {

// Dotted names, sorted: "limits.max_requests", "text.lexicons". A key that only one has counts as
// changed. Both texts are YAML; "" is an empty file.
StatusOr<std::vector<std::string>> ChangedKeys(const std::string& before, const std::string& after);

}  // namespace m2tts
