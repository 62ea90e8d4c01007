// A shipped voice warms up, and so do the batches that it may be asked for.
#include "server/voices/warm_up.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <utility>

#include "core/synthesizer.h"

namespace m2tts {
namespace {

using ::testing::Key;
using ::testing::UnorderedElementsAre;

// A real voice, and how many windows it computed in batches of each size.
class Counted : public Synthesizer {
 public:
  explicit Counted(std::shared_ptr<Synthesizer> voice) : voice_(std::move(voice)) {}
  const VoiceManifest& manifest() const override { return voice_->manifest(); }
  const DeviceChoice& device() const override { return voice_->device(); }
  int64_t bundle_bytes() const override { return voice_->bundle_bytes(); }
  StatusOr<std::unique_ptr<SentenceSynthesis>> Begin(const Sentence& sentence,
                                                     const SynthesisControls& controls) override {
    return voice_->Begin(sentence, controls);
  }
  StatusOr<std::vector<std::vector<float>>> Next(const std::vector<SentenceSynthesis*>& batch) override {
    ++windows[batch.size()];
    if (batch.size() == fails_at) return failure;
    return voice_->Next(batch);
  }

  std::map<size_t, int> windows;
  size_t fails_at = 0;
  Status failure = Internal("the device fails");

 private:
  const std::shared_ptr<Synthesizer> voice_;
};

class WarmUpTest : public testing::Test {
 protected:
  void Load(const std::string& vocoder = "") {
    SynthesizerOptions options;
    options.device = "cpu";
    options.vocoder = vocoder;
    auto loaded = Synthesizer::Load(std::filesystem::path(M2TTS_SOURCE_DIR) / "voices/en_US-slt", options);
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    counted_ = std::make_shared<Counted>(*std::move(loaded));
    voice_.name = "slt";
    voice_.sample_rate = counted_->sample_rate();
    voice_.synthesizer = counted_;
    TextFrontendOptions options_of_text;
    options_of_text.lexicon_path = std::filesystem::path(M2TTS_BINARY_DIR) / "lexicon/en_US.lex";
    auto frontend = TextFrontend::Create(options_of_text);
    ASSERT_TRUE(frontend.ok()) << frontend.status();
    frontend_ = *std::move(frontend);
  }
  StatusOr<WarmUp> Run(int max_batch) {
    counted_->windows.clear();
    return WarmUpVoice(voice_, *frontend_, max_batch);
  }

  std::shared_ptr<Counted> counted_;
  Voice voice_;
  std::unique_ptr<TextFrontend> frontend_;
};

TEST_F(WarmUpTest, SpeaksEachSizeOfBatch) {
  ASSERT_NO_FATAL_FAILURE(Load());
  const auto alone = Run(1);
  ASSERT_TRUE(alone.ok()) << alone.status();
  EXPECT_GT(alone->device_seconds, 0.0);
  EXPECT_NEAR(alone->audio_seconds, 2.5, 1.0);
  EXPECT_THAT(counted_->windows, UnorderedElementsAre(Key(1)));
  const int windows = counted_->windows[1] / 2;  // it was said twice
  EXPECT_GT(windows, 1);

  ASSERT_TRUE(Run(6).ok());
  EXPECT_THAT(counted_->windows, UnorderedElementsAre(Key(1), Key(2), Key(4), Key(6)));
  EXPECT_EQ(counted_->windows[6], windows);
  ASSERT_TRUE(Run(8).ok());
  EXPECT_THAT(counted_->windows, UnorderedElementsAre(Key(1), Key(2), Key(4), Key(8)));
}

TEST_F(WarmUpTest, AVocoderThatComputesAloneIsNotAskedForMore) {
  ASSERT_NO_FATAL_FAILURE(Load("griffin_lim"));
  ASSERT_TRUE(Run(4).ok());
  EXPECT_THAT(counted_->windows, UnorderedElementsAre(Key(1)));
}

TEST_F(WarmUpTest, ABatchThatDoesNotFitIntoMemoryIsTheLast) {
  ASSERT_NO_FATAL_FAILURE(Load());
  counted_->fails_at = 4;
  counted_->failure = Errorf(StatusCode::kResourceExhausted, "out of memory");
  const auto warm = Run(8);
  ASSERT_TRUE(warm.ok()) << warm.status();
  EXPECT_THAT(counted_->windows, UnorderedElementsAre(Key(1), Key(2), Key(4)));
}

TEST_F(WarmUpTest, ADeviceThatFailsWithABatchIsNotTrusted) {
  ASSERT_NO_FATAL_FAILURE(Load());
  counted_->fails_at = 4;
  EXPECT_EQ(Run(8).status().code(), StatusCode::kInternal);
  EXPECT_TRUE(Run(2).ok());
}

}  // namespace
}  // namespace m2tts
