#include "server/command_line.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>

#include "core/base/install_paths.h"
#include "core/base/version.h"
#include "core/device/runtime.h"
#include "server/security/hash_token.h"
#include "server/security/token_file.h"

namespace m2tts {
namespace {

constexpr char kFooter[] = R"(Examples:
  m2ttsd                                    serve on 127.0.0.1:50551 with what is installed
  m2ttsd --listen 127.0.0.1:0               serve on a free port; the port is printed
  m2ttsd --config my.yaml --validate-config check a configuration
  m2ttsd --backup-jobs jobs.backup          copy the job store, also while a daemon uses it
  m2ttsd hash-token alice --roles synthesize,admin --generate alice.token >> tokens

When ready it prints on standard output, one a line:
  http listening on HOST:PORT               /metrics /healthz /readyz
  grpc listening on HOST:PORT               m2tts.v1.Synthesizer, Training, Admin; health
The log goes to standard error, and does not contain what is spoken unless log_text says so.

SIGHUP reads configuration, tokens, certificates and lexicons again (m2tts reload tells more).
SIGTERM or SIGINT drains: new requests are refused, running ones finish (drain_seconds), then
it exits 0. A second signal stops at once.

Exit codes: 0 stopped or valid; 1 could not start (port in use, damaged voice) or copy; 2 bad flags or
configuration. Environment: M2TTS_VOICES and M2TTS_LEXICON replace the installed paths.)";

struct Flags {
  std::string config;
  std::string listen;
  std::string metrics_listen;
  std::string state_dir;
  HashTokenOptions hash_token;
  std::string backup_jobs;
  bool validate = false;
  bool version = false;
};

StatusOr<ServerConfig> LoadConfig(const Flags& flags) {
  ServerConfig config;
  const std::filesystem::path installed = FindInstallPaths().config;
  if (!flags.config.empty()) {
    M2TTS_ASSIGN_OR_RETURN(config, ServerConfig::Load(flags.config));
  } else if (std::filesystem::exists(installed)) {
    M2TTS_ASSIGN_OR_RETURN(config, ServerConfig::Load(installed));
  }
  if (!flags.listen.empty()) config.listen = flags.listen;
  if (!flags.metrics_listen.empty()) config.metrics_listen = flags.metrics_listen;
  if (!flags.state_dir.empty()) config.state_dir = flags.state_dir;
  M2TTS_RETURN_IF_ERROR(Annotate(config.Validate(), "command line"));
  return config;
}

}  // namespace

Status CheckFiles(const ServerConfig& config) {
  if (!config.auth.tokens.empty()) {
    M2TTS_RETURN_IF_ERROR(Annotate(TokenFile::Load(config.auth.tokens).status(), "auth.tokens"));
  }
  return config.tls.on() ? LoadTlsMaterial(config.tls).status() : OkStatus();
}

StatusOr<std::optional<CommandLine>> ParseCommandLine(int argc, char** argv) {
  CLI::App app("m2ttsd, the text-to-speech daemon: a gRPC API over one compute device.", "m2ttsd");
  app.footer(kFooter);
  Flags flags;
  app.add_option("--config", flags.config, "Configuration file; default: the installed m2ttsd.yaml")
      ->type_name("FILE");
  app.add_flag("--validate-config", flags.validate, "Check the configuration and exit");
  app.add_option("--listen", flags.listen, "Address of the gRPC API; port 0 takes a free one")
      ->type_name("HOST:PORT");
  app.add_option("--metrics-listen", flags.metrics_listen, "Address of /metrics and health pages, or 'off'")
      ->type_name("HOST:PORT");
  app.add_option("--state-dir", flags.state_dir, "Folder of the daemon's own files")->type_name("DIR");
  app.add_option("--backup-jobs", flags.backup_jobs,
                 "Copy the job store of the state folder into a file and exit; a daemon that runs goes on")
      ->type_name("FILE");
  app.add_flag("--version", flags.version, "Print the version and exit");
  CLI::App* const hash_token =
      app.add_subcommand("hash-token", "Read a token from standard input, print its line of the token file");
  hash_token->add_option("name", flags.hash_token.name, "Whose token it is")->required();
  hash_token
      ->add_option("--roles", flags.hash_token.roles,
                   "synthesize, synthesize-normal, synthesize-bulk, train, admin, with commas between")
      ->capture_default_str();
  hash_token
      ->add_option("--generate", flags.hash_token.generate, "Make a token, and write it into this new file")
      ->type_name("FILE");
  // CLI11 reports by exceptions; they end here.
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    return std::optional<CommandLine>();
  } catch (const CLI::ParseError& error) {
    return InvalidArgument("{} (see m2ttsd --help)", error.what());
  }
  if (flags.version) {
    std::cout << VersionLine("m2ttsd", TorchVersion()) << "\n";
    return std::optional<CommandLine>();
  }
  if (hash_token->parsed()) {
    M2TTS_ASSIGN_OR_RETURN(const std::string line, HashToken(flags.hash_token, std::cin));
    std::cout << line << "\n";
    return std::optional<CommandLine>();
  }
  CommandLine line;
  line.validate_only = flags.validate;
  line.backup_jobs = flags.backup_jobs;
  M2TTS_ASSIGN_OR_RETURN(line.config, LoadConfig(flags));
  if (!line.backup_jobs.empty() && line.config.state_dir.empty()) {
    return InvalidArgument(
        "--backup-jobs: there is no state_dir; name the daemon's by --state-dir, or its --config");
  }
  if (!line.config.file.empty()) line.read_again = [flags] { return LoadConfig(flags); };
  return std::optional<CommandLine>(std::move(line));
}

}  // namespace m2tts
