// What the server and its voices say about reading text, before a request has its word.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/status.h"
#include "core/text/voice_text.h"
#include "m2tts/v1/synthesizer.pb.h"
#include "server/voices/lexicon_file.h"

namespace m2tts {

struct Voice;

// Immutable but for the words in the files, which any thread may ask for.
struct TextSettings {
  TextStyle style;
  std::vector<std::shared_ptr<LexiconFile>> lexicons;  // asked in this order

  // Of the server: every file must be good.
  static StatusOr<TextSettings> ForServer(const TextStyle& style,
                                          const std::vector<std::filesystem::path>& lexicons);
  // Of a voice: text.yaml and lexicon.txt in its folder, both optional. A bad text.yaml is an error; a
  // bad lexicon.txt is logged and left out until it is mended.
  static StatusOr<TextSettings> ForVoice(const std::filesystem::path& folder, const TextStyle& server_style,
                                         bool phrase_breaks);

  // Reads changed lexicons at once, and adds their paths to `*changed`. Each by itself: those that are bad
  // keep their words, and come back by path with what is wrong.
  std::vector<std::pair<std::string, Status>> Refresh(std::vector<std::string>* changed) const;

  // How often a lexicon could not be read.
  int failures() const;
};

// The request's options on top of those of the voice and the server. Errors name the field.
StatusOr<ReadOptions> ReadOptionsFor(const v1::TextOptions& options, const Voice& voice,
                                     const TextSettings& server, int64_t max_lexicon_bytes);

}  // namespace m2tts
