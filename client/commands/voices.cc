// m2tts voices: what the daemon can speak with.
#include <CLI/CLI.hpp>
#include <memory>

#include "client/cli.h"
#include "client/json.h"
#include "client/terminal.h"

namespace m2tts {
namespace {

std::string VoiceText(const v1::Voice& voice) {
  std::string text =
      Harmless(fmt::format("{}{}  {}  {} Hz  {:.1f} MB  {}{}", voice.is_default() ? "* " : "  ", voice.name(),
                           voice.language(), voice.sample_rate_hertz(),
                           1e-6 * static_cast<double>(voice.size_bytes()),
                           voice.unloaded() ? "(loaded when asked for) " : "", voice.description())) +
      "\n";
  if (voice.speakers_size() <= 1) return text;
  text += "    speakers:";
  for (const auto& speaker : voice.speakers()) text += " " + Harmless(speaker);
  return text + "\n";
}

ExitCode RunVoices(const std::string& language, const CliContext& context) {
  SynthesisClient client(context.client);
  ScopedInterruptHandler on_interrupt(context.io.interrupts, [&client] { client.Cancel(); });
  const auto voices = client.ListVoices(language);
  if (!voices.ok()) return context.FailCall(voices.status());
  if (context.json) {
    Json array = Json::array();
    for (const auto& voice : *voices) array.push_back(ToJson(voice));
    PrintJson({{"voices", array}}, *context.io.out);
    return kExitOk;
  }
  for (const auto& voice : *voices) *context.io.out << VoiceText(voice);
  context.io.out->flush();
  return kExitOk;
}

}  // namespace

void AddVoicesCommand(CLI::App* app, CliContext* context) {
  auto language = std::make_shared<std::string>();
  CLI::App* command = app->add_subcommand("voices", "List the voices, * marks the default; or change them");
  command->add_option("--language", *language, "Only languages that start with TAG, as \"en\"")
      ->type_name("TAG");
  AddVoiceControlCommands(command, context);
  command->callback([context, language, command] {
    if (!command->get_subcommands().empty()) return;
    context->run = [context, language] { return RunVoices(*language, *context); };
  });
}

}  // namespace m2tts
