#include "client/cli.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>

#include "client/call_error.h"
#include "client/finite_range.h"
#include "client/json.h"
#include "client/terminal.h"
#include "core/base/version.h"

namespace m2tts {
namespace {

constexpr char kExamples[] =
    "Examples:\n"
    "  m2tts say \"Good morning.\" -o morning.wav\n"
    "  m2tts say --play < letter.txt\n"
    "  m2tts say -f book.txt -o book.flac --speed 1.2\n"
    "  m2tts say \"Two words\" -o x.wav --json | jq .words\n"
    "  m2tts analyze \"Dr. Smith paid \\$3.50.\"\n"
    "  m2tts status && echo ready\n\n";

// A typo in an address would otherwise show only as a failed connection.
std::string CheckAddress(const std::string& address) {
  if (address.rfind("unix:", 0) == 0 && address.size() > 5) return "";
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos || colon == 0) return "'" + address + "' is not HOST:PORT or unix:PATH";
  const std::string port = address.substr(colon + 1);
  const bool digits = !port.empty() && port.size() <= 5 &&
                      std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || std::stoi(port) < 1 || std::stoi(port) > 65535) return "'" + port + "' is not a port number";
  return "";
}

void AddGlobalOptions(CLI::App* app, CliContext* context, CredentialFiles* files) {
  app->add_option("--address", context->client.address, "Where m2ttsd listens: HOST:PORT or unix:PATH")
      ->envname("M2TTS_ADDRESS")
      ->capture_default_str()
      ->check(CLI::Validator(CheckAddress, ""))
      ->type_name("ADDRESS");
  app->add_option("--timeout", context->client.timeout_s,
                  "Give up on a call after this many seconds; 0 waits")
      ->capture_default_str()
      ->check(FiniteRange(0.0, 86400.0))
      ->type_name("SECONDS");
  const auto add_file = [app](const char* name, std::string* path, const char* help, const char* variable) {
    app->add_option(name, *path, help)->envname(variable)->type_name("FILE");
  };
  add_file("--token-file", &files->token,
           "File whose first line is the token to call with; or set $M2TTS_TOKEN", "M2TTS_TOKEN_FILE");
  app->add_flag("--tls", context->client.tls.on, "Encrypt the connection");
  add_file("--tls-ca", &files->tls_ca,
           "Certificates (PEM) that the daemon's must be signed by; implies --tls", "M2TTS_TLS_CA");
  add_file("--tls-cert", &files->tls_cert, "Our own certificate (PEM), for daemons that ask for one",
           "M2TTS_TLS_CERT");
  add_file("--tls-key", &files->tls_key, "Its key (PEM)", "M2TTS_TLS_KEY");
  app->add_flag("--json", context->json, "Print the result, or the error, as JSON on standard output");
  app->set_version_flag("--version", VersionLine("m2tts", ""));
}

// gRPC tells a failed connection in a long line, with what matters last.
Status ShortenConnectError(const Status& status, const std::string& address) {
  const std::string message(status.message());
  if (status.code() != StatusCode::kUnavailable || message.find("connect") == std::string::npos)
    return status;
  const size_t colon = message.rfind(": ");
  const std::string reason = colon == std::string::npos ? message : message.substr(colon + 2);
  return Errorf(status.code(), "cannot reach m2ttsd at {}: {}", address, reason);
}

// The token of the environment counts when no file is named.
Status FindCredentials(const CredentialFiles& files, ClientOptions* client) {
  const char* const token = std::getenv("M2TTS_TOKEN");
  if (files.token.empty() && token != nullptr && *token != '\0') {
    client->token = token;
    M2TTS_RETURN_IF_ERROR(CheckToken(client->token, "$M2TTS_TOKEN"));
  }
  return LoadCredentials(files, client);
}

// What a person can do about an error.
std::string Advice(const Status& status) {
  const std::string request_id = DetailsOf(status).request_id;
  switch (status.code()) {
    case StatusCode::kUnavailable:
      // How a connection ends between one who speaks TLS and one who does not.
      for (const char* sign : {"Socket closed", "andshake", "SSL"}) {
        if (std::string(status.message()).find(sign) == std::string::npos) continue;
        return "Does m2ttsd want TLS (--tls-ca FILE) or a certificate of ours (--tls-cert, --tls-key)?";
      }
      return "Is m2ttsd running? Start it with 'm2ttsd', or pass --address HOST:PORT.";
    case StatusCode::kUnauthenticated:
      return "Pass --token-file FILE, or set M2TTS_TOKEN_FILE or M2TTS_TOKEN; whoever runs the daemon gives "
             "tokens.";
    case StatusCode::kPermissionDenied:
      return "Ask whoever runs the daemon for a token with that role.";
    case StatusCode::kInternal:
      return request_id.empty() ? "" : "The daemon's log tells more about request " + request_id + ".";
    case StatusCode::kNotFound:
      return std::string(status.message()).find(" job '") != std::string::npos
                 ? "'m2tts train list' lists the jobs."
                 : "'m2tts voices' lists the voices.";
    case StatusCode::kResourceExhausted:
      if (const auto delay = DetailsOf(status).retry_delay_s)
        return fmt::format("Try again in {:.1f} s.", *delay);
      return "Try again later.";
    case StatusCode::kDeadlineExceeded:
      return "Raise --timeout, or try again when the daemon is less busy.";
    case StatusCode::kUnimplemented:
      return "This m2ttsd is of another version; see 'm2tts status'.";
    default:
      return "";
  }
}

// CLI11 takes "[a, b]" for a list, without its brackets, where ours is text ("[[ phonemes ]]"). A blank
// behind it changes nothing of what is said.
std::vector<std::string> KeepBrackets(std::vector<std::string> arguments) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::string& argument = arguments[i];
    const bool value =
        i > 0 && arguments[i - 1].size() > 1 && arguments[i - 1].front() == '-' && arguments[i - 1] != "--";
    if (!value && argument.size() > 1 && argument.front() == '[' && argument.back() == ']') argument += ' ';
  }
  return arguments;
}

}  // namespace

ExitCode CliContext::Fail(ExitCode code, const Status& status) const {
  *io.err << HarmlessLines("m2tts: " + std::string(status.message())) << "\n" << std::flush;
  if (json) PrintJson(ErrorToJson(status), *io.out);
  return code;
}

ExitCode CliContext::FailCall(const Status& status) const {
  const ExitCode code = Fail(ExitCodeFor(status), ShortenConnectError(status, client.address));
  for (const auto& violation : DetailsOf(status).field_violations) {
    const std::string line = violation.field + ": " + violation.description;
    if (std::string(status.message()).find(line) == std::string::npos)
      *io.err << "  " << Harmless(line) << "\n";
  }
  const std::string advice = Advice(status);
  if (!advice.empty()) *io.err << "  " << Harmless(advice) << "\n";
  io.err->flush();
  return code;
}

int RunCli(const std::vector<std::string>& given, const CliIo& io) {
  const std::vector<std::string> arguments = KeepBrackets(given);
  CliContext context;
  context.io = io;
  CLI::App app("Speaks text through a running m2ttsd.", "m2tts");
  app.fallthrough();  // global options may follow the command
  app.require_subcommand(1);
  app.footer(kExamples + ExitCodeHelp() + "\n'm2tts COMMAND --help' tells more about a command.");
  CredentialFiles files;
  AddGlobalOptions(&app, &context, &files);
  AddSayCommand(&app, &context);
  AddVoicesCommand(&app, &context);
  AddAnalyzeCommand(&app, &context);
  AddStatusCommand(&app, &context);
  AddReloadCommand(&app, &context);
  AddLogLevelCommand(&app, &context);
  AddTrainCommand(&app, &context);
  AddBenchCommand(&app, &context);
  AddCompletionCommand(&app, &context);

  // CLI11 reports by exceptions; they end here.
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    return app.exit(error, *io.out, *io.err) == 0 ? kExitOk : kExitUsage;
  }
  if (const Status status = FindCredentials(files, &context.client); !status.ok()) {
    return context.Fail(status.code() == StatusCode::kInvalidArgument ? kExitUsage : kExitNoInput, status);
  }
  if (SendsTokenInTheClear(context.client)) {
    *io.err << "m2tts: warning: the token goes to " << context.client.address
            << " unencrypted; --tls encrypts\n";
  }
  const ExitCode code = context.run();
  io.out->flush();
  if (code != kExitOk || io.out->good()) return code;
  *io.err << "m2tts: standard output: cannot write\n";
  return kExitOutput;
}

}  // namespace m2tts
