// voice.json: who a voice is and how to read its weights. See docs/voice_format.md.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/audio/audio_config.h"
#include "core/base/status.h"
#include "core/model/model_config.h"

namespace m2tts {

inline constexpr int kVoiceSchemaVersion = 1;

struct VoiceManifest {
  std::string name;      // [A-Za-z0-9][A-Za-z0-9._-]{0,63}, also the folder's name
  std::string language;  // BCP 47, "en-US"
  std::string description;
  std::string licence;
  std::vector<std::string> speakers;  // at least one
  int phoneme_set_version = 0;
  // The voice pauses where phrases end (TextStyle::phrase_breaks): its recordings had such pauses marked.
  bool phrase_breaks = false;
  AudioConfig audio;
  ModelConfig model;
  std::string weights_dtype;   // "fp32", "fp16" or "int8"; weights are computed with as fp32
  std::string weights_sha256;  // of model.safetensors
  // How it came to be: corpus, config, commit, steps, metrics. Free-form JSON object.
  std::string provenance_json = "{}";

  // All but the checksum: ids, sizes, speakers, phoneme-set version, provenance.
  Status Validate() const;
};

bool IsValidId(std::string_view id);

// Strict: an unknown key is an error, except inside provenance. INVALID_ARGUMENT names the
// key and, for a voice.json as we write it, the line.
StatusOr<VoiceManifest> ParseVoiceManifest(const std::string& text);

// The text of voice.json. INVALID_ARGUMENT when Validate() fails.
StatusOr<std::string> FormatVoiceManifest(const VoiceManifest& manifest);

// Names of the folders under `root` that hold a voice.json, sorted.
StatusOr<std::vector<std::string>> ListVoiceFolders(const std::filesystem::path& root);

}  // namespace m2tts
