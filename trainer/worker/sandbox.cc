#include "trainer/worker/sandbox.h"

#include <cstdlib>

#include "core/base/install_paths.h"
#include "core/text/lexicon_files.h"
#include "trainer/worker/sandbox_parts.h"

namespace m2tts {
namespace {

// Of the process, as the sandbox is.
std::string& Report() {
  static auto* const report = new std::string;
  return *report;
}

FileRules RulesFor(const SandboxOptions& options) {
  FileRules rules;
  rules.read.assign(options.read.begin(), options.read.end());
  rules.write.assign(options.write.begin(), options.write.end());
  if (!options.temp.empty()) rules.write.emplace_back(options.temp);
  // Files and not their folder, which $M2TTS_LEXICON may have put anywhere.
  const std::filesystem::path lexicon = FindInstallPaths().lexicon;
  rules.read.push_back(lexicon);
  for (const char* extension : kModelExtensions) rules.read.push_back(ModelBeside(lexicon, extension));
  return rules;
}

std::string Outcome(const StatusOr<std::string>& part) {
  return part.ok() ? "held by " + *part : fmt::format("free: {}", std::string(part.status().message()));
}

}  // namespace

Status EnterSandbox(const SandboxOptions& options) {
  if (options.mode == "off") return OkStatus();
  if (!options.temp.empty()) ::setenv("TMPDIR", options.temp.c_str(), 1);
  const auto files = RestrictFiles(RulesFor(options));
  const auto calls = RestrictCalls();
  Report() = fmt::format("sandbox: files {}; system calls {}", Outcome(files), Outcome(calls));
  for (const Status& part : {files.status(), calls.status()}) {
    if (part.ok()) continue;
    if (part.code() != StatusCode::kUnimplemented) return Annotate(part, "sandbox");
    if (options.mode != "on") continue;
    return InvalidArgument("jobs.sandbox is on, but {}; set it to auto to do without",
                           std::string(part.message()));
  }
  return OkStatus();
}

const std::string& SandboxReport() {
  return Report();
}

}  // namespace m2tts
