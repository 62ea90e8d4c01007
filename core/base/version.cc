#include "core/base/version.h"

#include <fmt/format.h>

#include "m2tts_version.h"

namespace m2tts {

std::string Version() {
  return M2TTS_VERSION;
}

std::string Commit() {
  return M2TTS_COMMIT;
}

std::string VersionLine(const std::string& program, const std::string& torch_version) {
  if (torch_version.empty()) return fmt::format("{} {} (commit {})", program, Version(), Commit());
  return fmt::format("{} {} (commit {}, LibTorch {})", program, Version(), Commit(), torch_version);
}

}  // namespace m2tts
