// Access to the configuration as it is now; reloading replaces it as a whole.
#pragma once

#include <memory>

#include "server/base/snapshot.h"
#include "server/config.h"

namespace m2tts {

// context->config->limits reads the newest. For several values that belong together hold Get().
class ConfigHandle {
 public:
  ConfigHandle(const Snapshot<ServerConfig>* config = nullptr) : config_(config) {}  // NOLINT: implicit
  std::shared_ptr<const ServerConfig> operator->() const { return config_->Get(); }
  std::shared_ptr<const ServerConfig> Get() const { return config_->Get(); }

 private:
  const Snapshot<ServerConfig>* config_;
};

}  // namespace m2tts
