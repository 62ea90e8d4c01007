// How the text of `say` and `analyze` is to be read: SSML, words of one's own, style.
#pragma once

#include <optional>
#include <string>

#include "client/cli.h"
#include "core/base/status.h"
#include "m2tts/v1/synthesizer.pb.h"

namespace m2tts {

struct TextFlags {
  bool ssml = false;
  bool no_inline_phonemes = false;
  std::string lexicon;  // file
  bool say_and = false;
  std::optional<bool> phrase_breaks;  // absent: as the voice says
  v1::TextOptions::DateOrder date_order = v1::TextOptions::DATE_ORDER_UNSPECIFIED;
  v1::TextOptions::DigitStyle digits = v1::TextOptions::DIGIT_STYLE_UNSPECIFIED;
};

void AddTextFlags(CLI::App* command, TextFlags* flags);

// Reads the lexicon. An error is of reading it.
StatusOr<v1::TextOptions> ToTextOptions(const TextFlags& flags);

}  // namespace m2tts
