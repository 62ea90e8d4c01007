// The loaded voices.
//
// Immutable after Load, so that any thread may read it. The synthesizers in it belong to the
// device thread, which also runs Load.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "core/base/status.h"
#include "server/config.h"
#include "server/voices/device_report.h"
#include "server/voices/voice.h"

namespace m2tts {

class VoiceRegistry {
 public:
  VoiceRegistry() = default;
  // Of voices that are loaded already.
  VoiceRegistry(std::map<std::string, std::shared_ptr<const Voice>> voices, std::string default_voice)
      : voices_(std::move(voices)), default_voice_(std::move(default_voice)) {}

  // Loads every bundle under `folder`. A bundle that does not load is logged and left out; when
  // it is the default one, or none is left, that is the error. `text_style` holds where a voice has
  // none of its own. Device thread.
  static StatusOr<std::unique_ptr<VoiceRegistry>> Load(const std::filesystem::path& folder,
                                                       const std::string& default_voice,
                                                       const ServerConfig::Device& device,
                                                       const TextStyle& text_style);

  // Nullptr when there is none of that name; "" is the default voice.
  std::shared_ptr<const Voice> Find(const std::string& name) const;
  const std::map<std::string, std::shared_ptr<const Voice>>& voices() const { return voices_; }
  const std::string& default_voice() const { return default_voice_; }
  const DeviceReport& device() const { return device_; }
  int failures() const { return failures_; }

 private:
  std::map<std::string, std::shared_ptr<const Voice>> voices_;
  std::string default_voice_;
  DeviceReport device_;
  int failures_ = 0;
};

}  // namespace m2tts
