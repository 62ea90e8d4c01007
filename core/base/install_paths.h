// Where the installed or built tree lies, found relative to the running binary.
#pragma once

#include <filesystem>

namespace m2tts {

struct InstallPaths {
  std::filesystem::path voices;   // folder of voice bundles
  std::filesystem::path lexicon;  // compiled English lexicon, en_US.lex; en_US.g2p lies beside it
  std::filesystem::path config;   // m2ttsd.yaml
  std::filesystem::path trainer;  // m2tts-trainer
};

// Looks from the folder of the running executable for an install tree
// (P/bin, P/etc/m2tts, P/share/m2tts), else takes the source and build tree it was built in.
// $M2TTS_VOICES and $M2TTS_LEXICON override. Paths may not exist; the user of one says so.
InstallPaths FindInstallPaths();

}  // namespace m2tts
