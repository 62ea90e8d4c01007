// The daemon's command line.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "core/base/status.h"
#include "server/config.h"

namespace m2tts {

struct CommandLine {
  bool validate_only = false;
  std::filesystem::path backup_jobs;  // a file for a copy of the job store, and nothing else is done
  ServerConfig config;                // of the file, with the flags over it
  // Reads it again, for a reload; empty when there is no file.
  std::function<StatusOr<ServerConfig>()> read_again;
};

// Exit codes of m2ttsd.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailure = 1;  // could not start or serve
inline constexpr int kExitUsage = 2;    // bad flags or configuration

// Nullopt after --help, --version or hash-token, which print their answer.
StatusOr<std::optional<CommandLine>> ParseCommandLine(int argc, char** argv);

// The tokens and certificates that the configuration names, without using them.
Status CheckFiles(const ServerConfig& config);

}  // namespace m2tts
