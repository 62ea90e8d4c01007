#include "server/synthesis/audio_pipeline.h"

#include <gtest/gtest.h>

#include <cmath>

namespace m2tts {
namespace {

constexpr int kRate = 22050;

// A window with one sentence of two words that touch, and a phoneme in each.
DeviceAudio Window(size_t samples, int64_t first) {
  DeviceAudio audio;
  for (size_t i = 0; i < samples; ++i) {
    audio.samples.push_back(0.3F * static_cast<float>(std::sin(0.1 * static_cast<double>(i))));
  }
  const Word word{"word", {0, 4}, TokenClass::kWord, PronunciationSource::kLexicon};
  audio.words.push_back({word, first, 257, {{"AH0", first, 257}}});
  audio.words.push_back({word, first + 257, 511, {{"T", first + 257, 511}}});
  audio.sentences.push_back({"word word.", {0, 10}, first, 768});
  audio.marks.push_back({SentenceMark(), first + 257});
  return audio;
}

TEST(AudioPipelineTest, PlacesAreOfTheAnswersRate) {
  for (const int rate : {8000, 22050, 24000, 48000}) {
    const auto pipeline = AudioPipeline::Create(kRate, rate, AudioEncoding::kPcm16).value();
    std::vector<EncodedChunk> chunks;
    for (int i = 0; i < 3; ++i) chunks.push_back(pipeline->Process(Window(5000, 1000)).value());
    chunks.push_back(pipeline->Finish().value());
    const auto exact = [rate](int64_t sample) { return static_cast<double>(sample) * rate / kRate; };
    int window = 0;
    for (const EncodedChunk& chunk : chunks) {
      for (const SpokenSentence& sentence : chunk.sentences) {
        EXPECT_NEAR(static_cast<double>(sentence.first_sample), exact(5000 * window + 1000), 0.5001);
        ++window;
      }
      for (size_t i = 0; i + 1 < chunk.words.size(); i += 2) {
        const SpokenWord& left = chunk.words[i];
        const SpokenWord& right = chunk.words[i + 1];
        EXPECT_EQ(left.first_sample + left.sample_count, right.first_sample) << "neighbours stay neighbours";
        EXPECT_EQ(right.phonemes[0].first_sample, right.first_sample);
        EXPECT_EQ(right.phonemes[0].sample_count, right.sample_count);
        EXPECT_EQ(chunk.marks[i / 2].first_sample, right.first_sample);
      }
    }
    EXPECT_EQ(window, 3);
    EXPECT_EQ(pipeline->total_samples(), std::llround(exact(15000)));
  }
}

TEST(AudioPipelineTest, ChunksAreWithoutAGapInEveryEncoding) {
  for (const AudioEncoding encoding : AllAudioEncodings()) {
    const int rate = DefaultSampleRate(encoding, kRate);
    const auto pipeline = AudioPipeline::Create(kRate, rate, encoding).value();
    int64_t samples = 0;
    size_t words = 0;
    const auto take = [&](const EncodedChunk& chunk) {
      if (chunk.bytes.empty()) return;
      EXPECT_EQ(chunk.first_sample, samples);
      samples += chunk.sample_count;
      words += chunk.words.size();
    };
    for (int i = 0; i < 5; ++i) take(pipeline->Process(Window(6144, 0)).value());
    take(pipeline->Finish().value());
    EXPECT_EQ(samples, pipeline->total_samples()) << AudioEncodingName(encoding);
    EXPECT_EQ(words, 10u) << AudioEncodingName(encoding);
  }
}

}  // namespace
}  // namespace m2tts
