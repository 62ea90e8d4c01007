// Completion scripts for shells, made from the very options that a program parses.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <vector>

namespace m2tts {

// What a parser does not tell of its options and arguments.
struct CompletionHints {
  std::string program;                           // its name
  std::string files;                             // options whose value is a file or folder: "-o|--output"
  std::map<std::string, std::string> values;     // option -> the words that it takes: "--stage" -> "a b"
  std::map<std::string, std::string> listed;     // option -> a shell command that prints the words
  std::map<std::string, std::string> arguments;  // command -> the words that may follow it
  bool paths = false;                            // arguments are files and folders
};

// Defined once: each program offers the same ones.
std::vector<std::string> CompletionShells();

// `app`: with all its commands. `shell`: one of CompletionShells().
std::string CompletionScript(const CLI::App& app, const std::string& shell, const CompletionHints& hints);

}  // namespace m2tts
