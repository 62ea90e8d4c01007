#include "trainer/alignment/voice_aligner.h"

#include <gtest/gtest.h>

#include <numeric>

#include "core/audio/mel.h"
#include "core/synthesizer.h"
#include "core/text/frontend.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

const fs::path kVoice = fs::path(M2TTS_SOURCE_DIR) / "voices/en_US-slt";
const fs::path kLexicon = fs::path(M2TTS_BINARY_DIR) / "lexicon/en_US.lex";

TEST(DurationsFromStartsTest, EveryPhonemeGetsAFrame) {
  EXPECT_EQ(DurationsFromStarts({0, 3, 7}, 10), (std::vector<int64_t>{3, 4, 3}));
  EXPECT_EQ(DurationsFromStarts({2, 3, 3, 3}, 10), (std::vector<int64_t>{3, 1, 1, 5}));
  EXPECT_EQ(DurationsFromStarts({0, 10, 10}, 10), (std::vector<int64_t>{8, 1, 1}));
  EXPECT_EQ(DurationsFromStarts({0, 0, 0}, 3), (std::vector<int64_t>{1, 1, 1}));
}

// The voice speaks slowly; aligned by itself at its own tempo, each phoneme is found stretched.
TEST(VoiceAlignerTest, FindsThePhonemesOfStretchedSpeech) {
  SynthesizerOptions options;
  options.device = "cpu";
  const auto voice = Synthesizer::Load(kVoice, options);
  ASSERT_TRUE(voice.ok()) << voice.status();
  TextFrontendOptions text;
  text.lexicon_path = kLexicon;
  const auto frontend = TextFrontend::Create(text);
  ASSERT_TRUE(frontend.ok());
  auto reader = (*frontend)->Read("The quick brown fox jumps over the lazy dog.");
  ASSERT_TRUE(reader.ok());
  const auto sentence = (*reader)->Next();
  ASSERT_TRUE(sentence.has_value());
  SynthesisControls slow;
  slow.speed = 0.7;
  auto spoken = (*voice)->Begin(*sentence, slow);
  ASSERT_TRUE(spoken.ok()) << spoken.status();
  const AudioConfig& audio = (*voice)->manifest().audio;
  std::vector<int64_t> truth;
  for (const int64_t samples : (*spoken)->phoneme_samples()) truth.push_back(samples / audio.hop_length);
  const auto wave = SynthesizeSentence(voice->get(), *sentence, slow);
  ASSERT_TRUE(wave.ok());

  const MelSpectrogram spectrogram(audio);
  const auto log_mel = spectrogram(torch::tensor(*wave).unsqueeze(0))[0].t();
  const auto mel = (log_mel - log_mel.mean(0)) / 2.0;
  const auto aligner = VoiceAligner::Load(kVoice, "slt");
  ASSERT_TRUE(aligner.ok()) << aligner.status();
  const auto found = (*aligner)->Align(*sentence, mel);
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->size(), truth.size());
  EXPECT_EQ(std::accumulate(found->begin(), found->end(), int64_t{0}), mel.size(0));
  int64_t at = 0, true_at = 0, error = 0;
  for (size_t t = 0; t < truth.size(); ++t) {
    error += std::abs(at - true_at);
    at += (*found)[t];
    true_at += truth[t];
  }
  // Frames of 12 ms, on average over all starts.
  EXPECT_LT(static_cast<double>(error) / static_cast<double>(truth.size()), 2.0);
}

TEST(VoiceAlignerTest, NoVoiceIsAnError) {
  EXPECT_FALSE(VoiceAligner::Load(fs::path(testing::TempDir()) / "no-such-voice", "x").ok());
}

}  // namespace
}  // namespace m2tts
