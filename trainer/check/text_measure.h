// What the text front end makes of one transcript, and the characters it is written in.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/text/frontend.h"

namespace m2tts {

struct TextMeasure {
  int characters = 0;                // code points, without white space at the ends
  int phonemes = 0;                  // without pauses and other specials
  int words = 0;                     // as spoken
  std::vector<std::string> guessed;  // words whose pronunciation is the model's guess
  std::map<std::string, int>
      unusual;                      // characters other than ASCII letters, digits and .,;:!?'"()- and blank
  std::vector<std::string> unread;  // warnings of text in another script
};

// INVALID_ARGUMENT for text that is not UTF-8 or has nothing to say. Any thread.
StatusOr<TextMeasure> MeasureText(const TextFrontend& frontend, const std::string& text);

// For terminals: without control characters, and with '?' for bytes that are no UTF-8.
std::string Printable(const std::string& text);

}  // namespace m2tts
