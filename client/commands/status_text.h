// The answer of `m2tts status` for people.
#pragma once

#include <cstddef>
#include <string>

#include "m2tts/v1/admin.pb.h"

namespace m2tts {

// Lines with their ends; what the daemon says cannot steer a terminal. The line about a job's progress is at
// most `columns` wide.
std::string StatusText(const v1::ServerStatus& status, size_t columns = 120);

}  // namespace m2tts
