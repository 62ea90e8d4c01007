// Corpora whose clips are right unless a test breaks them.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/audio/codec.h"
#include "core/base/file.h"
#include "trainer/check/corpus_check.h"

namespace m2tts {

class CheckCorpusFixture : public testing::Test {
 protected:
  static constexpr int kRate = 16000;

  static void SetUpTestSuite() {
    auto created = TextFrontend::Create({M2TTS_BINARY_DIR "/lexicon/en_US.lex", {}});
    ASSERT_TRUE(created.ok()) << created.status();
    frontend_ = *std::move(created);
  }
  static void TearDownTestSuite() { frontend_.reset(); }
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    root_ = std::filesystem::path(testing::TempDir()) / fmt::format("m2tts-{}-{}", test->name(), getpid());
    std::filesystem::remove_all(root_);
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  // A tone as long as the text takes at 12 phonemes a second. `salt` makes it differ from others.
  std::vector<float> Speech(const std::string& text, int salt) const {
    const auto measure = MeasureText(*frontend_, text);
    EXPECT_TRUE(measure.ok()) << measure.status();
    std::vector<float> wave(static_cast<size_t>(kRate) * measure->phonemes / 12);
    for (size_t i = 0; i < wave.size(); ++i)
      wave[i] = static_cast<float>(0.3 * std::sin(2 * M_PI * (200 + salt) * static_cast<double>(i) / kRate));
    return wave;
  }
  void PutBytes(const std::string& id, const std::string& text, const std::string& bytes) {
    ASSERT_TRUE(WriteFileAtomic(root_ / "wavs" / (id + ".wav"), bytes).ok());
    metadata_ += id + "|" + text + "\n";
  }
  void Put(const std::string& id, const std::string& text, const std::vector<float>& wave, int rate = kRate) {
    const auto bytes = EncodeAudio(wave, rate, AudioEncoding::kWav);
    ASSERT_TRUE(bytes.ok()) << bytes.status();
    PutBytes(id, text, *bytes);
  }
  // 12 clips, lines 1 to 12, that nothing is wrong with.
  void PutGoodClips() {
    static constexpr const char* kWords[] = {"apples",  "birds",  "cats",    "doors",   "engines", "farms",
                                             "gardens", "houses", "islands", "jackets", "kings",   "lamps"};
    for (int i = 0; i < 12; ++i) {
      const std::string text =
          fmt::format("There were many {} near the {}.", kWords[i], kWords[(i + 5) % 12]);
      Put(fmt::format("good{}", i), text, Speech(text, i));
    }
  }
  void WriteMetadata() { ASSERT_TRUE(WriteFileAtomic(root_ / "metadata.csv", metadata_).ok()); }
  CheckReport Check(const CheckProgress& progress = nullptr) {
    WriteMetadata();
    const auto report = CheckCorpus(root_, *frontend_, {}, progress);
    EXPECT_TRUE(report.ok()) << report.status();
    return report.ok() ? *report : CheckReport();
  }

  static inline std::unique_ptr<TextFrontend> frontend_;
  std::filesystem::path root_;
  std::string metadata_;
};

}  // namespace m2tts
