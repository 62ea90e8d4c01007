// The version shown by `--version` everywhere.
#pragma once

#include <string>

namespace m2tts {

// "0.1.0": from project(VERSION) in the top CMakeLists.txt, the one place where it is written.
std::string Version();

// Short commit hash of the build, or "unknown".
std::string Commit();

// "m2ttsd 0.1.0 (commit abc, LibTorch 1.13.1)"; an empty `torch_version` leaves that part out.
std::string VersionLine(const std::string& program, const std::string& torch_version);

}  // namespace m2tts
