// The answer of `m2tts status` for people.
#pragma once

#include <string>

#include "m2tts/v1/admin.pb.h"

namespace m2tts {

// Lines with their ends; what the daemon says cannot steer a terminal.
std::string StatusText(const v1::ServerStatus& status);

}  // namespace m2tts
