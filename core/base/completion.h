// Completion scripts for shells, made from the very options that a program parses.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <map>
#include <string>

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

// Adds the command `completion SHELL` to `app`. When a command line says it, `chosen` is called with what
// makes the script, of all commands that `app` has by then.
using ScriptMaker = std::function<std::string()>;
void AddCompletion(CLI::App* app, CompletionHints hints, std::function<void(ScriptMaker)> chosen);

}  // namespace m2tts
