// m2tts-trainer in tests: what it is started with, and what it answers.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "core/audio/codec.h"
#include "core/base/file.h"
#include "tests/core/base/temp_folder.h"
#include "trainer/corpus/process.h"

namespace m2tts {

class TrainerCommandTest : public testing::Test {
 protected:
  static constexpr const char* kTrainer = M2TTS_BINARY_DIR "/trainer/m2tts-trainer";

  static ProcessResult RunAll(const std::vector<std::string>& command) {
    const auto result = RunProcess(command, {});
    EXPECT_TRUE(result.ok()) << result.status();
    if (!result.ok()) return ProcessResult();
    EXPECT_EQ(result->signal, 0) << result->Describe();
    return *result;
  }
  static ProcessResult Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), kTrainer);
    return RunAll(arguments);
  }

  static std::string Shipped(const std::string& voice) { return M2TTS_SOURCE_DIR "/voices/" + voice; }
  std::string Path(const std::string& name) const { return (folder_.path() / name).string(); }
  void Put(const std::string& name, const std::string& bytes) const {
    ASSERT_TRUE(WriteFileAtomic(folder_.path() / name, bytes).ok());
  }
  // Half a second that sounds like something.
  void PutTone(const std::string& name) const {
    std::vector<float> wave(11025);
    for (size_t i = 0; i < wave.size(); ++i) wave[i] = 0.3f * std::sin(0.05f * static_cast<float>(i));
    const auto bytes = EncodeAudio(wave, 22050, AudioEncoding::kWav);
    ASSERT_TRUE(bytes.ok()) << bytes.status();
    Put(name, *bytes);
  }
  // A table of clips of three speakers, two of whom the voice en_US-multi has.
  void PutTable() const {
    std::string table = "speaker|file|text\n";
    for (const char* speaker : {"anna", "slt", "rms"}) {
      for (const char* clip : {"1", "2"}) {
        const std::string file = std::string(speaker) + clip + ".wav";
        PutTone("table/" + file);
        table += std::string(speaker) + "|" + file + "|Hello there.\n";
      }
    }
    Put("table/metadata.csv", table);
  }

  const TempFolder folder_;
};

}  // namespace m2tts
