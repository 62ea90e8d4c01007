// What a running daemon makes of encodings, controls and timestamps. One daemon serves all cases.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/audio/codec.h"
#include "tests/integration/daemon.h"

namespace m2tts {
namespace {

using grpc::StatusCode;
using testing::HasSubstr;

constexpr char kText[] = "Hello world. This is a test of the daemon.\n\nWith two paragraphs.";

class DaemonSoundTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { daemon_ = new DaemonUnderTest(); }
  static void TearDownTestSuite() { delete daemon_; }
  void SetUp() override { ASSERT_TRUE(daemon_->ready()); }

  static StreamResult Speak(const v1::SynthesizeRequest& request) {
    StreamResult result = Stream(&daemon_->synthesizer(), request);
    EXPECT_TRUE(result.status.ok()) << result.status.error_message();
    return result;
  }
  static double Seconds(const StreamResult& result) {
    return static_cast<double>(result.summary.total_samples()) / result.header.sample_rate_hertz();
  }
  static DaemonUnderTest* daemon_;
};
DaemonUnderTest* DaemonSoundTest::daemon_ = nullptr;

TEST_F(DaemonSoundTest, EveryEncodingDecodesToTheSameSpeech) {
  const StreamResult plain = Speak(Request(kText));
  for (const v1::AudioEncoding encoding : {v1::AUDIO_ENCODING_WAV, v1::AUDIO_ENCODING_FLAC,
                                           v1::AUDIO_ENCODING_OGG_OPUS, v1::AUDIO_ENCODING_MP3}) {
    const StreamResult result = Speak(Request(kText, encoding));
    EXPECT_EQ(result.header.encoding(), encoding);
    const auto audio = DecodeAudio(result.audio, "answer");
    ASSERT_TRUE(audio.ok()) << audio.status();
    EXPECT_EQ(audio->sample_rate, result.header.sample_rate_hertz());
    EXPECT_NEAR(audio->seconds(), Seconds(plain), 0.2) << v1::AudioEncoding_Name(encoding);
    double sum = 0.0;
    for (const float sample : audio->samples) sum += sample * sample;
    EXPECT_NEAR(std::sqrt(sum / static_cast<double>(audio->frames())), Loudness(plain.audio), 0.01)
        << v1::AudioEncoding_Name(encoding);
  }
  EXPECT_EQ(Speak(Request(kText, v1::AUDIO_ENCODING_PCM_F32)).audio.size(), 2 * plain.audio.size());
  for (const v1::AudioEncoding encoding : {v1::AUDIO_ENCODING_MULAW, v1::AUDIO_ENCODING_ALAW}) {
    const StreamResult result = Speak(Request(kText, encoding));
    EXPECT_EQ(result.header.sample_rate_hertz(), 8000);
    EXPECT_EQ(static_cast<int64_t>(result.audio.size()), result.summary.total_samples());
  }
}

TEST_F(DaemonSoundTest, FirstChunkComesBeforeTheLastInEveryEncoding) {
  for (int encoding = v1::AUDIO_ENCODING_WAV; encoding <= v1::AUDIO_ENCODING_ALAW; ++encoding) {
    const StreamResult result = Speak(Request(LongText(3), static_cast<v1::AudioEncoding>(encoding)));
    ASSERT_GT(result.chunks.size(), 3U) << encoding;
    EXPECT_LT(static_cast<double>(result.chunks[0].sample_count()) / result.header.sample_rate_hertz(), 1.0)
        << encoding;
  }
}

TEST_F(DaemonSoundTest, RateThatAnEncodingLacksIsInvalid) {
  v1::SynthesizeRequest request = Request(kText, v1::AUDIO_ENCODING_OGG_OPUS);
  request.mutable_audio_format()->set_sample_rate_hertz(44100);
  const StreamResult result = Stream(&daemon_->synthesizer(), request);
  EXPECT_EQ(result.status.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(result.status.error_message(), HasSubstr("44100 Hz is not possible with opus"));
}

TEST_F(DaemonSoundTest, PausesAreExact) {
  v1::SynthesizeRequest request = Request(kText);
  request.mutable_controls()->set_sentence_pause_seconds(0.0);
  request.mutable_controls()->set_paragraph_pause_seconds(0.0);
  const double none = Seconds(Speak(request));
  request.mutable_controls()->set_sentence_pause_seconds(0.5);
  EXPECT_NEAR(Seconds(Speak(request)) - none, 0.5, 1e-4);
  request.mutable_controls()->set_paragraph_pause_seconds(2.0);
  EXPECT_NEAR(Seconds(Speak(request)) - none, 2.5, 1e-4);
}

// A gRPC client takes messages of 4 MiB, unless it is told otherwise.
TEST_F(DaemonSoundTest, ALongPauseComesInPieces) {
  v1::SynthesizeRequest request = Request("Yes.\n\nNo.", v1::AUDIO_ENCODING_PCM_F32);
  request.mutable_audio_format()->set_sample_rate_hertz(48000);
  request.mutable_controls()->set_paragraph_pause_seconds(0.0);
  const double without = Seconds(Speak(request));
  request.mutable_controls()->set_paragraph_pause_seconds(30.0);
  const StreamResult result = Speak(request);
  EXPECT_NEAR(Seconds(result) - without, 30.0, 1e-3);
  ASSERT_EQ(result.summary.total_samples() * 4, static_cast<int64_t>(result.audio.size()));
  int64_t next = 0;
  for (const v1::AudioChunk& chunk : result.chunks) {
    EXPECT_LE(chunk.audio().size(), size_t{1} << 19);
    EXPECT_EQ(chunk.first_sample(), next);
    next += chunk.sample_count();
  }
}

TEST_F(DaemonSoundTest, VariationFollowsItsSeed) {
  v1::SynthesizeRequest request = Request(kText);
  const std::string plain = Speak(request).audio;
  request.mutable_controls()->set_seed(1);
  EXPECT_TRUE(Speak(request).audio == plain);
  request.mutable_controls()->set_variation(1.0);
  const std::string one = Speak(request).audio;
  EXPECT_FALSE(one == plain);
  EXPECT_TRUE(Speak(request).audio == one);
  request.mutable_controls()->set_seed(2);
  EXPECT_FALSE(Speak(request).audio == one);
}

TEST_F(DaemonSoundTest, MixturesOfSpeakersSpeak) {
  v1::SynthesizeRequest request = Request(kText);
  request.mutable_voice()->set_voice("en_US-multi");
  request.mutable_voice()->set_speaker("rms");
  const StreamResult rms = Speak(request);
  request.mutable_voice()->clear_speaker();
  for (const char* name : {"rms", "slt"}) {
    auto* share = request.mutable_voice()->add_speakers();
    share->set_name(name);
    share->set_weight(1.0);
  }
  const StreamResult mixed = Speak(request);
  EXPECT_EQ(mixed.header.speaker(), "rms+slt");
  EXPECT_FALSE(mixed.audio == rms.audio);
  EXPECT_GT(Loudness(mixed.audio), 0.005);
}

TEST_F(DaemonSoundTest, LoudnessChangesTheLevelAndNothingElse) {
  v1::SynthesizeRequest request = Request(kText);
  request.mutable_controls()->set_loudness_lufs(-34.0);
  const StreamResult soft = Speak(request);
  request.mutable_controls()->set_loudness_lufs(-24.0);
  const StreamResult louder = Speak(request);
  EXPECT_EQ(soft.audio.size(), louder.audio.size());
  EXPECT_NEAR(20.0 * std::log10(Loudness(louder.audio) / Loudness(soft.audio)), 10.0, 0.5);
}

TEST_F(DaemonSoundTest, TimestampsNestAndCoverTheSpeech) {
  v1::SynthesizeRequest request = Request(kText);
  request.set_timestamps(v1::TIMESTAMPS_PHONEMES);
  for (const int rate : {0, 8000, 48000}) {
    request.mutable_audio_format()->set_sample_rate_hertz(rate);
    const StreamResult result = Speak(request);
    std::vector<v1::SentenceTiming> sentences;
    std::vector<v1::WordTiming> words;
    for (const v1::AudioChunk& chunk : result.chunks) {
      sentences.insert(sentences.end(), chunk.sentences().begin(), chunk.sentences().end());
      words.insert(words.end(), chunk.words().begin(), chunk.words().end());
    }
    ASSERT_EQ(sentences.size(), 3U);
    ASSERT_EQ(words.size(), 12U);
    EXPECT_EQ(std::string(kText).substr(0, static_cast<size_t>(sentences[0].source().end())), "Hello world.");
    size_t word = 0;
    int64_t end = 0;
    for (const v1::SentenceTiming& sentence : sentences) {
      EXPECT_GE(sentence.first_sample(), end);
      end = sentence.first_sample() + sentence.sample_count();
      for (; word < words.size() && words[word].first_sample() < end; ++word) {
        EXPECT_GE(words[word].first_sample(), sentence.first_sample());
        EXPECT_LE(words[word].first_sample() + words[word].sample_count(), end);
        int64_t position = words[word].first_sample();
        EXPECT_GT(words[word].phonemes_size(), 0);
        for (const v1::PhonemeTiming& phoneme : words[word].phonemes()) {
          EXPECT_EQ(phoneme.first_sample(), position) << "phonemes fill their word";
          position += phoneme.sample_count();
        }
        EXPECT_EQ(position, words[word].first_sample() + words[word].sample_count());
      }
    }
    EXPECT_EQ(word, words.size());
    EXPECT_LE(end, result.summary.total_samples());
  }
}

// The speech must be where the timestamps say: between sentences there is silence.
TEST_F(DaemonSoundTest, SilenceLiesBetweenTheSentences) {
  v1::SynthesizeRequest request = Request(kText);
  request.mutable_controls()->set_sentence_pause_seconds(0.6);
  request.mutable_controls()->set_paragraph_pause_seconds(0.6);
  for (const int rate : {0, 48000}) {
    request.mutable_audio_format()->set_sample_rate_hertz(rate);
    const StreamResult result = Speak(request);
    int64_t end = 0;
    for (const v1::AudioChunk& chunk : result.chunks) {
      for (const v1::SentenceTiming& sentence : chunk.sentences()) {
        if (end > 0) {
          // A little room for the resampler's ringing.
          const int64_t margin = result.header.sample_rate_hertz() / 200;
          const std::string pause =
              result.audio.substr(static_cast<size_t>(2 * (end + margin)),
                                  static_cast<size_t>(2 * (sentence.first_sample() - end - 2 * margin)));
          EXPECT_NEAR(static_cast<double>(sentence.first_sample() - end) / result.header.sample_rate_hertz(),
                      0.6, 1e-4);
          EXPECT_LT(Loudness(pause), 1e-3);
        }
        end = sentence.first_sample() + sentence.sample_count();
      }
    }
  }
}

TEST_F(DaemonSoundTest, NoTimestampsWhenNoneAreWanted) {
  v1::SynthesizeRequest request = Request(kText);
  request.set_timestamps(v1::TIMESTAMPS_NONE);
  for (const v1::AudioChunk& chunk : Speak(request).chunks) {
    EXPECT_EQ(chunk.words_size(), 0);
    EXPECT_EQ(chunk.sentences_size(), 0);
  }
}

TEST_F(DaemonSoundTest, TimingsSayWhereTheTimeWent) {
  const v1::SynthesisTimings timings = Speak(Request(LongText(3), v1::AUDIO_ENCODING_MP3)).summary.timings();
  for (const auto& duration :
       {timings.device(), timings.text(), timings.acoustic(), timings.vocoder(), timings.encode()}) {
    EXPECT_GT(static_cast<double>(duration.seconds()) + 1e-9 * duration.nanos(), 0.0);
  }
}

}  // namespace
}  // namespace m2tts
