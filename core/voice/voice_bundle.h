// A voice on disk: a folder with voice.json and model.safetensors. See docs/voice_format.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "core/voice/safetensors.h"
#include "core/voice/voice_manifest.h"

namespace m2tts {

struct VoiceBundle {
  VoiceManifest manifest;
  TensorMap weights;  // float32; read-only mapped memory when stored as fp32
  int64_t bytes = 0;  // voice.json and model.safetensors together
};

// Loads and verifies all: schema, phoneme-set version, checksum, and that the folder is
// called as the voice is. DATA_LOSS, INVALID_ARGUMENT or NOT_FOUND says which file and what
// about it. Executes nothing from the bundle.
StatusOr<VoiceBundle> LoadVoiceBundle(const std::filesystem::path& folder);

// The last name of a folder, whatever way it is written: "slt" for "voices/slt/", and for "." in there.
std::string FolderName(const std::filesystem::path& folder);

// Writes a bundle atomically: built in a temporary folder beside, then exchanged. Other files
// of a bundle that was there, such as MODEL_CARD.md, are kept; a folder that is not a bundle
// is ALREADY_EXISTS. manifest.weights_dtype says how to store, and the weights must be finite
// in it; weights_sha256 is filled in here.
// made_of: the folder of a voice whose other files the bundle gets, in place of those that were there.
Status SaveVoiceBundle(const std::filesystem::path& folder, VoiceManifest manifest, const TensorMap& weights,
                       const std::filesystem::path& made_of = {});

}  // namespace m2tts
