// The answer of `m2tts status` for people.
#pragma once

#include <string>

#include "m2tts/v1/admin.pb.h"

namespace m2tts {

// Lines with their ends; what the daemon says cannot steer a terminal. The line that tells how far a job is
// keeps to `columns`, and leaves out what matters least.
std::string StatusText(const v1::ServerStatus& status, size_t columns = std::string::npos);

}  // namespace m2tts
