#include "core/base/install_paths.h"

#include <cstdlib>
#include <string>
#include <system_error>

#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

namespace m2tts {
namespace {

namespace fs = std::filesystem;

// Links resolved; empty when the system does not say.
fs::path RunningExecutable() {
  std::error_code error;
#ifdef __APPLE__
  uint32_t size = 0;
  _NSGetExecutablePath(nullptr, &size);  // fails, and tells the size that it needs
  std::string buffer(size, '\0');
  if (_NSGetExecutablePath(buffer.data(), &size) != 0) return {};
  return fs::canonical(fs::path(buffer.c_str()), error);
#else
  return fs::read_symlink("/proc/self/exe", error);
#endif
}

void OverrideFromEnvironment(const char* variable, fs::path* path) {
  const char* value = std::getenv(variable);
  if (value != nullptr && *value != '\0') *path = value;
}

}  // namespace

InstallPaths FindInstallPaths() {
  InstallPaths paths;
  const fs::path folder = RunningExecutable().parent_path();
  const fs::path prefix = folder.parent_path();
  std::error_code error;
  if (folder.filename() == "bin" && fs::is_directory(prefix / "share" / "m2tts", error)) {
    paths.voices = prefix / "share" / "m2tts" / "voices";
    paths.lexicon = prefix / "share" / "m2tts" / "lexicon" / "en_US.lex";
    paths.config = prefix / "etc" / "m2tts" / "m2ttsd.yaml";
    paths.trainer = folder / "m2tts-trainer";
  } else {
    const fs::path source = M2TTS_SOURCE_DIR;
    paths.voices = source / "voices";
    paths.lexicon = fs::path(M2TTS_BINARY_DIR) / "lexicon" / "en_US.lex";
    paths.config = source / "configs" / "m2ttsd.yaml";
    paths.trainer = fs::path(M2TTS_BINARY_DIR) / "trainer" / "m2tts-trainer";
  }
  OverrideFromEnvironment("M2TTS_VOICES", &paths.voices);
  OverrideFromEnvironment("M2TTS_LEXICON", &paths.lexicon);
  return paths;
}

}  // namespace m2tts
