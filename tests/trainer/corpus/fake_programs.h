// Programs that stand in for synthesizers and recognizers, first in $PATH while a test runs.
#pragma once

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "core/audio/codec.h"
#include "trainer/corpus/process.h"

namespace m2tts {

inline void WriteText(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

inline std::string ReadText(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class FakePrograms {
 public:
  FakePrograms() : folder_(ScratchFolder::Create().value()), old_path_(std::getenv("PATH")) {
    std::vector<float> tone(8000);
    for (size_t i = 0; i < tone.size(); ++i) tone[i] = 0.5f * std::sin(0.1f * static_cast<float>(i));
    WriteText(dir() / "tone.wav", EncodeAudio(tone, 16000, AudioEncoding::kWav).value());
    std::filesystem::create_directories(dir() / "bin");
    setenv("PATH", ((dir() / "bin").string() + ":" + old_path_).c_str(), 1);
  }
  ~FakePrograms() { setenv("PATH", old_path_.c_str(), 1); }

  const std::filesystem::path& dir() const { return folder_.path(); }

  // A shell script; $HERE is dir(), $HERE/tone.wav half a second of sound.
  std::filesystem::path Install(const std::string& name, const std::string& body) {
    const std::filesystem::path path = dir() / "bin" / name;
    WriteText(path, "#!/bin/sh\nHERE='" + dir().string() + "'\n" + body + "\n");
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
  }

  // flite -voice V -t TEXT -o FILE: notes TEXT, leaves FILE out when TEXT contains "mute".
  void InstallFlite() {
    Install("flite",
            "if [ \"$1\" = -lv ]; then echo 'Voices available: slt rms'; exit 0; fi\n"
            "echo \"$4\" >> $HERE/spoken.txt\n"
            "case \"$4\" in *mute*) exit 0;; esac\n"
            "cp $HERE/tone.wav \"$6\"");
  }
  // festival --batch SCRIPT: writes the WAVs and labels that the script names.
  void InstallFestival() {
    Install(
        "festival",
        "sed -n \"s/.*utt \\\"\\([^\\\"]*\\)[.]wav\\\" 'riff.*/\\1/p\" \"$2\" |"
        "while read -r it; do cp $HERE/tone.wav \"$it.wav\"; printf '#\\n0.5 100 ah\\n' > \"$it.lab\"; done");
  }
  // The texts that flite was asked to read, one a line, its trial word left out.
  std::string TakeSpoken() {
    std::string spoken;
    std::ifstream file(dir() / "spoken.txt");
    for (std::string line; std::getline(file, line);) {
      if (line != "Hello.") spoken += line + "\n";
    }
    std::filesystem::remove(dir() / "spoken.txt");
    return spoken;
  }

 private:
  ScratchFolder folder_;
  std::string old_path_;
};

}  // namespace m2tts
