#include "server/voices/text_settings.h"

#include <spdlog/spdlog.h>

#include "proto/convert/text_from_proto.h"
#include "server/base/status_details.h"
#include "server/voices/voice.h"

namespace m2tts {
namespace {

void AppendWords(const TextSettings& settings, UserLexicons* lexicons) {
  for (const auto& file : settings.lexicons) {
    if (auto words = file->Current()) lexicons->push_back(std::move(words));
  }
}

}  // namespace

StatusOr<TextSettings> TextSettings::ForServer(const TextStyle& style,
                                               const std::vector<std::filesystem::path>& lexicons) {
  TextSettings settings;
  settings.style = style;
  for (const std::filesystem::path& path : lexicons) {
    settings.lexicons.push_back(std::make_shared<LexiconFile>(path));
    M2TTS_RETURN_IF_ERROR(Annotate(settings.lexicons.back()->Load(), "text.lexicons"));
  }
  return settings;
}

StatusOr<TextSettings> TextSettings::ForVoice(const std::filesystem::path& folder,
                                              const TextStyle& server_style, bool phrase_breaks) {
  TextSettings settings;
  settings.style = server_style;
  settings.style.phrase_breaks = phrase_breaks;
  M2TTS_RETURN_IF_ERROR(ReadVoiceStyle(folder, &settings.style));
  auto lexicon = std::make_shared<LexiconFile>(folder / "lexicon.txt", LexiconFile::Presence::kOptional);
  if (const Status status = lexicon->Load(); !status.ok()) {
    spdlog::error("{}; the voice goes without these words", std::string(status.message()));
  }
  settings.lexicons.push_back(std::move(lexicon));
  return settings;
}

std::vector<std::pair<std::string, Status>> TextSettings::Refresh(std::vector<std::string>* changed) const {
  std::vector<std::pair<std::string, Status>> bad;
  for (const auto& file : lexicons) {
    const StatusOr<bool> is_new = file->Refresh();
    if (!is_new.ok()) {
      bad.emplace_back(file->path().string(), is_new.status());
    } else if (*is_new) {
      changed->push_back(file->path().string());
    }
  }
  return bad;
}

int TextSettings::failures() const {
  int failures = 0;
  for (const auto& file : lexicons) failures += file->failures();
  return failures;
}

StatusOr<ReadOptions> ReadOptionsFor(const v1::TextOptions& options, const Voice& voice,
                                     const TextSettings& server, int64_t max_lexicon_bytes) {
  if (static_cast<int64_t>(options.lexicon().size()) > max_lexicon_bytes) {
    return FieldErrorf("text_options.lexicon", "has {} bytes, {} are allowed; give it to the server instead",
                       options.lexicon().size(), max_lexicon_bytes);
  }
  StatusOr<ReadOptions> read = FromProto(options, voice.text.style);
  if (!read.ok()) return FieldError("text_options", std::string(read.status().message()));
  AppendWords(voice.text, &read->user);
  AppendWords(server, &read->user);
  return read;
}

}  // namespace m2tts
