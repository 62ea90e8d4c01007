// A voice on disk: a folder with voice.json and model.safetensors. See docs/voice_format.md.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/audio/audio_config.h"
#include "core/base/status.h"
#include "core/model/model_config.h"
#include "core/voice/safetensors.h"

namespace m2tts {

inline constexpr int kVoiceSchemaVersion = 1;

// voice.json.
struct VoiceManifest {
  std::string name;      // [A-Za-z0-9][A-Za-z0-9._-]{0,63}, also the folder's name
  std::string language;  // BCP 47, "en-US"
  std::string description;
  std::string licence;
  std::vector<std::string> speakers;  // at least one
  int phoneme_set_version = 0;
  AudioConfig audio;
  ModelConfig model;
  std::string weights_dtype;   // "fp32" or "fp16"; weights are computed with as fp32
  std::string weights_sha256;  // of model.safetensors
  // How it came to be: corpus, config, commit, steps, metrics. Free-form JSON object.
  std::string provenance_json = "{}";
};

struct VoiceBundle {
  VoiceManifest manifest;
  TensorMap weights;  // float32, memory-mapped when stored as fp32
  int64_t bytes = 0;  // size of the bundle on disk
};

bool IsValidId(std::string_view id);

// Loads and verifies all: schema, phoneme-set version, checksum. DATA_LOSS or
// INVALID_ARGUMENT says which file and what about it. Executes nothing from the bundle.
StatusOr<VoiceBundle> LoadVoiceBundle(const std::filesystem::path& folder);

// Writes a bundle atomically (built in a temporary folder beside, then renamed; an
// existing one is replaced). Fills weights_sha256. dtype: "fp32" or "fp16".
Status SaveVoiceBundle(const std::filesystem::path& folder, VoiceManifest manifest, const TensorMap& weights);

// Names of the folders under `root` that hold a voice.json, sorted.
StatusOr<std::vector<std::string>> ListVoiceFolders(const std::filesystem::path& root);

}  // namespace m2tts
