// From a folder on disk to a Voice.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "core/base/status.h"
#include "core/synthesizer.h"
#include "server/voices/voice.h"

namespace m2tts {

// Reads and checks everything. The error says which file and what about it; nothing of the folder is
// executed. Device thread.
StatusOr<std::shared_ptr<const Voice>> LoadVoiceFolder(const std::filesystem::path& folder,
                                                       const SynthesizerOptions& options,
                                                       const TextStyle& text_style);

// Times and sizes of the files that make a voice; differs after each of them was replaced.
std::string VoiceStamp(const std::filesystem::path& folder);

}  // namespace m2tts
