// m2tts completion: completion scripts for shells, made from the very options that m2tts parses.
#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <utility>

#include "client/cli.h"

namespace m2tts {
namespace {

// Command -> the words that may follow it; "" holds the commands.
using Words = std::map<std::string, std::string>;

void AddOptionNames(const CLI::App* app, std::string* words) {
  for (const CLI::Option* option : app->get_options()) {
    for (const std::string& name : option->get_lnames()) *words += (words->empty() ? "--" : " --") + name;
    for (const std::string& name : option->get_snames()) *words += (words->empty() ? "-" : " -") + name;
  }
}

Words CollectWords(const CLI::App* app) {
  Words words;
  std::string global;
  AddOptionNames(app, &global);
  std::string commands;
  for (const CLI::App* command : app->get_subcommands(nullptr)) {
    commands += (commands.empty() ? "" : " ") + command->get_name();
    std::string* const following = &words[command->get_name()];
    AddOptionNames(command, following);
    // Of a command with commands of its own, those and all their options.
    for (const CLI::App* inner : command->get_subcommands(nullptr)) {
      *following += (following->empty() ? "" : " ") + inner->get_name();
      AddOptionNames(inner, following);
    }
    *following += " " + global;
  }
  words["completion"] += " bash zsh fish";
  words["log-level"] += " debug info warning error";
  words[""] = commands + " " + global;
  return words;
}

// The same function serves bash and, through bashcompinit, zsh.
std::string BashScript(const Words& words) {
  std::string script =
      "_m2tts() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command= words= i\n"
      "  COMPREPLY=()\n"
      "  case $previous in\n"
      "    -f|--file|-o|--output|--lexicon|--compiled-lexicon|--timestamps|--token-file|--tls-*) "
      "COMPREPLY=($(compgen -f -- \"$word\")); "
      "return ;;\n"
      "    --encoding) COMPREPLY=($(compgen -W 'wav pcm16 flac f32 opus mp3 mulaw alaw' -- \"$word\")); "
      "return ;;\n"
      "    --stage) COMPREPLY=($(compgen -W 'normalized phonemes full' -- \"$word\")); return ;;\n"
      "    --date-order) COMPREPLY=($(compgen -W 'month-first day-first' -- \"$word\")); return ;;\n"
      "    --digits) COMPREPLY=($(compgen -W 'one-by-one pairs' -- \"$word\")); return ;;\n"
      "    --voice)\n"
      "      COMPREPLY=($(compgen -W \"$(m2tts voices 2> /dev/null | cut -c 3- | cut -d ' ' -f 1)\" -- "
      "\"$word\"))\n"
      "      return ;;\n"
      "  esac\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    case ${COMP_WORDS[i]} in\n";
  for (const auto& [command, following] : words) {
    if (!command.empty()) script += "      " + command + ") command=" + command + " ;;\n";
  }
  script += "    esac\n  done\n  case $command in\n";
  for (const auto& [command, following] : words) {
    script += "    '" + command + "') words='" + following + "' ;;\n";
  }
  script +=
      "  esac\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
      "}\n"
      "complete -F _m2tts m2tts\n";
  return script;
}

std::string FishScript(const CLI::App* app) {
  std::string script = "complete -c m2tts -f\n";
  const auto add_options = [&script](const CLI::App* from, const std::string& condition) {
    for (const CLI::Option* option : from->get_options()) {
      if (option->get_lnames().empty()) continue;
      script += "complete -c m2tts" + condition;
      for (const std::string& name : option->get_lnames()) script += " -l " + name;
      for (const std::string& name : option->get_snames()) script += " -s " + name;
      if (option->get_items_expected_max() > 0)
        script += option->get_type_name() == "FILE" ? " -r -F" : " -x";
      script += "\n";
    }
  };
  add_options(app, "");
  for (const CLI::App* command : app->get_subcommands(nullptr)) {
    script += "complete -c m2tts -n __fish_use_subcommand -a " + command->get_name() + "\n";
    const std::string within = " -n '__fish_seen_subcommand_from " + command->get_name() + "'";
    add_options(command, within);
    for (const CLI::App* inner : command->get_subcommands(nullptr)) {
      script += "complete -c m2tts" + within + " -a " + inner->get_name() + "\n";
      add_options(inner, within);
    }
  }
  script += "complete -c m2tts -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'\n";
  return script;
}

ExitCode RunCompletion(const std::string& shell, const CLI::App* app, const CliContext& context) {
  std::ostream& out = *context.io.out;
  if (shell == "fish") {
    out << FishScript(app);
  } else {
    if (shell == "zsh")
      out << "autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n";
    out << BashScript(CollectWords(app));
  }
  out.flush();
  return kExitOk;
}

}  // namespace

void AddCompletionCommand(CLI::App* app, CliContext* context) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = app->add_subcommand("completion", "Print a completion script for bash, zsh or fish");
  command->add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}).description(""));
  command->footer("For example, in ~/.bashrc:  source <(m2tts completion bash)");
  command->callback([context, shell, app] {
    context->run = [context, shell, app] { return RunCompletion(*shell, app, *context); };
  });
}

}  // namespace m2tts
