#include "core/base/completion.h"

#include <memory>
#include <utility>

namespace m2tts {
namespace {

// Command -> the words that may follow it; "" holds the commands.
using Words = std::map<std::string, std::string>;

// What is hidden from --help is not offered either.
bool IsOffered(const CLI::Option& option) {
  return !option.get_group().empty();
}

void AddOptionNames(const CLI::App& app, std::string* words) {
  for (const CLI::Option* option : app.get_options()) {
    if (!IsOffered(*option)) continue;
    for (const std::string& name : option->get_lnames()) *words += (words->empty() ? "--" : " --") + name;
    for (const std::string& name : option->get_snames()) *words += (words->empty() ? "-" : " -") + name;
  }
}

Words CollectWords(const CLI::App& app, const CompletionHints& hints) {
  Words words;
  std::string global;
  AddOptionNames(app, &global);
  std::string commands;
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    commands += (commands.empty() ? "" : " ") + command->get_name();
    std::string* const following = &words[command->get_name()];
    AddOptionNames(*command, following);
    // Of a command with commands of its own, those and all their options.
    for (const CLI::App* inner : command->get_subcommands(nullptr)) {
      *following += (following->empty() ? "" : " ") + inner->get_name();
      AddOptionNames(*inner, following);
    }
    *following += " " + global;
  }
  for (const auto& [command, following] : hints.arguments) words[command] += " " + following;
  words[""] = commands + " " + global;
  return words;
}

// The same function serves bash and, through bashcompinit, zsh.
std::string BashScript(const CLI::App& app, const CompletionHints& hints) {
  std::string function = "_" + hints.program;
  for (char& letter : function) letter = letter == '-' ? '_' : letter;
  const auto reply = [](const std::string& words) {
    return "COMPREPLY=($(compgen " + words + " -- \"$word\")); return ;;\n";
  };
  std::string script =
      function +
      "() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command= words= i\n"
      "  COMPREPLY=()\n"
      "  case $previous in\n";
  script += "    " + hints.files + ") " + reply("-f");
  for (const auto& [option, words] : hints.values)
    script += "    " + option + ") " + reply("-W '" + words + "'");
  for (const auto& [option, command] : hints.listed)
    script += "    " + option + ") " + reply("-W \"$(" + command + ")\"");
  script +=
      "  esac\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    case ${COMP_WORDS[i]} in\n";
  const Words words = CollectWords(app, hints);
  for (const auto& [command, following] : words) {
    // The first command counts: what follows may be a file of another one's name.
    if (!command.empty()) script += "      " + command + ") command=" + command + "; break ;;\n";
  }
  script += "    esac\n  done\n  case $command in\n";
  for (const auto& [command, following] : words) {
    script += "    '" + command + "') words='" + following + "' ;;\n";
  }
  script += "  esac\n";
  if (hints.paths) {
    script +=
        "  if [[ -n $command && $word != -* ]]; then\n"
        "    COMPREPLY=($(compgen -W \"$words\" -X '-*' -- \"$word\") $(compgen -f -- \"$word\"))\n"
        "    return\n"
        "  fi\n";
  }
  script += "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n}\n";
  return script + "complete " + (hints.paths ? "-o filenames " : "") + "-F " + function + " " +
         hints.program + "\n";
}

std::string FishScript(const CLI::App& app, const CompletionHints& hints) {
  const std::string complete = "complete -c " + hints.program;
  std::string script = complete + (hints.paths ? "\n" : " -f\n");
  const auto add_options = [&](const CLI::App& from, const std::string& condition) {
    for (const CLI::Option* option : from.get_options()) {
      if (option->get_lnames().empty() || !IsOffered(*option)) continue;
      script += complete + condition;
      for (const std::string& name : option->get_lnames()) script += " -l " + name;
      for (const std::string& name : option->get_snames()) script += " -s " + name;
      const auto values = hints.values.find("--" + option->get_lnames().front());
      if (values != hints.values.end()) {
        script += " -x -a '" + values->second + "'";
      } else if (option->get_items_expected_max() > 0) {
        const bool file = hints.paths || option->get_type_name() == "FILE";
        script += file ? " -r -F" : " -x";
      }
      script += "\n";
    }
  };
  add_options(app, "");
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    const std::string name = command->get_name();
    script += complete + " -n __fish_use_subcommand" + (hints.paths ? " -f" : "") + " -a " + name + "\n";
    const std::string within = " -n '__fish_seen_subcommand_from " + name + "'";
    add_options(*command, within);
    for (const CLI::App* inner : command->get_subcommands(nullptr)) {
      script += complete + within + " -a " + inner->get_name() + "\n";
      add_options(*inner, within);
    }
    const auto words = hints.arguments.find(name);
    if (words != hints.arguments.end()) script += complete + within + " -a '" + words->second + "'\n";
  }
  return script;
}

std::string CompletionScript(const CLI::App& app, const std::string& shell, const CompletionHints& hints) {
  if (shell == "fish") return FishScript(app, hints);
  const std::string zsh =
      "autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n";
  return (shell == "zsh" ? zsh : "") + BashScript(app, hints);
}

}  // namespace

void AddCompletion(CLI::App* app, CompletionHints hints, std::function<void(ScriptMaker)> chosen) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = app->add_subcommand("completion", "Print a completion script for bash, zsh or fish");
  command->add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}).description(""));
  command->footer("For example, in ~/.bashrc:  source <(" + hints.program + " completion bash)");
  hints.arguments["completion"] = "bash zsh fish";
  command->callback(
      [=, chosen = std::move(chosen)] { chosen([=] { return CompletionScript(*app, *shell, hints); }); });
}

}  // namespace m2tts
