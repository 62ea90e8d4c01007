#include "client/commands/text_flags.h"

#include <CLI/CLI.hpp>
#include <map>

#include "client/commands/say_text.h"
#include "core/base/file.h"

namespace m2tts {
namespace {

const std::map<std::string, v1::TextOptions::DateOrder>& DateOrders() {
  static const auto* orders = new std::map<std::string, v1::TextOptions::DateOrder>{
      {"month-first", v1::TextOptions::MONTH_FIRST}, {"day-first", v1::TextOptions::DAY_FIRST}};
  return *orders;
}

const std::map<std::string, v1::TextOptions::DigitStyle>& DigitStyles() {
  static const auto* styles = new std::map<std::string, v1::TextOptions::DigitStyle>{
      {"one-by-one", v1::TextOptions::ONE_BY_ONE}, {"pairs", v1::TextOptions::PAIRS}};
  return *styles;
}

}  // namespace

void AddTextFlags(CLI::App* command, TextFlags* flags) {
  command->add_flag("--ssml", flags->ssml, "The text is SSML");
  command->add_flag("--no-inline-phonemes", flags->no_inline_phonemes,
                    "Read [[ ]] in plain text as text, not as phonemes");
  command
      ->add_option("--lexicon", flags->lexicon,
                   "Words and their pronunciation, before those of the voice and the daemon")
      ->type_name("FILE");
  command->add_flag("--say-and", flags->say_and, "\"one hundred and five\"");
  auto* breaks = command->add_flag_callback(
      "--phrase-breaks", [flags] { flags->phrase_breaks = true; },
      "Pause where a phrase ends, without punctuation too [as the voice does]");
  command
      ->add_flag_callback(
          "--no-phrase-breaks", [flags] { flags->phrase_breaks = false; }, "Pause at punctuation only")
      ->excludes(breaks);
  command->add_option("--date-order", flags->date_order, "How 10/06 is read: month-first or day-first")
      ->transform(CLI::CheckedTransformer(DateOrders(), CLI::ignore_case).description(""))
      ->type_name("ORDER");
  command->add_option("--digits", flags->digits, "How long numbers are read: one-by-one or pairs")
      ->transform(CLI::CheckedTransformer(DigitStyles(), CLI::ignore_case).description(""))
      ->type_name("STYLE");
}

StatusOr<v1::TextOptions> ToTextOptions(const TextFlags& flags) {
  v1::TextOptions options;
  options.set_ssml(flags.ssml);
  if (flags.no_inline_phonemes) options.set_inline_phonemes(false);
  if (flags.say_and) options.set_say_and(true);
  if (flags.phrase_breaks.has_value()) options.set_phrase_breaks(*flags.phrase_breaks);
  options.set_date_order(flags.date_order);
  options.set_digits(flags.digits);
  if (!flags.lexicon.empty()) {
    M2TTS_ASSIGN_OR_RETURN(*options.mutable_lexicon(), ReadFile(flags.lexicon, kMaxTextBytes));
  }
  return options;
}

}  // namespace m2tts
