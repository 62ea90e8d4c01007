// Programs of the machine.
#pragma once

#include <string>

namespace m2tts {

// Whether `program` is in $PATH (or is a path to an executable file). Any thread.
bool ProgramExists(const std::string& program);

}  // namespace m2tts
