// Speech from a running daemon, whole and streamed, through the raw gRPC client.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstring>
#include <memory>
#include <thread>

#include "tests/integration/shared_daemon.h"

namespace m2tts {
namespace {

using grpc::StatusCode;
using testing::HasSubstr;
using testing::MatchesRegex;

constexpr char kText[] = "Hello world. This is a test of the daemon, with two sentences.";

class DaemonApiTest : public SharedDaemonTest {};

TEST_F(DaemonApiTest, UnaryAudioIsSpeechOfTheRightLength) {
  const v1::SynthesizeResponse response = Speak(Request(kText));
  const double seconds = response.summary().total_samples() / double(response.header().sample_rate_hertz());
  EXPECT_GT(seconds, 2.0);
  EXPECT_LT(seconds, 10.0);
  EXPECT_EQ(response.audio().size(), 2 * static_cast<size_t>(response.summary().total_samples()));
  EXPECT_GT(Loudness(response.audio()), 0.01);
  EXPECT_EQ(response.header().channel_count(), 1);
  EXPECT_FALSE(response.header().voice().empty());
  EXPECT_THAT(response.summary().normalized_text(), HasSubstr("test"));
}

TEST_F(DaemonApiTest, WavHeaderIsExact) {
  v1::SynthesizeRequest request = Request(kText, v1::AUDIO_ENCODING_UNSPECIFIED);
  const v1::SynthesizeResponse response = Speak(request);
  const std::string& wav = response.audio();
  EXPECT_EQ(response.header().encoding(), v1::AUDIO_ENCODING_WAV);
  ASSERT_GT(wav.size(), 44U);
  EXPECT_EQ(wav.substr(0, 4), "RIFF");
  uint32_t riff_length = 0;
  memcpy(&riff_length, wav.data() + 4, 4);
  EXPECT_EQ(riff_length, wav.size() - 8);
  EXPECT_EQ(wav.size(), 44 + 2 * static_cast<size_t>(response.summary().total_samples()));
}

TEST_F(DaemonApiTest, StreamEqualsUnaryInEveryFormat) {
  for (const v1::AudioEncoding encoding :
       {v1::AUDIO_ENCODING_PCM16, v1::AUDIO_ENCODING_FLAC, v1::AUDIO_ENCODING_PCM_F32, v1::AUDIO_ENCODING_MP3,
        v1::AUDIO_ENCODING_MULAW, v1::AUDIO_ENCODING_ALAW}) {
    for (const int rate : {0, 8000, 16000, 48000}) {
      v1::SynthesizeRequest request = Request(kText, encoding);
      request.mutable_audio_format()->set_sample_rate_hertz(rate);
      const v1::SynthesizeResponse unary = Speak(request);
      const StreamResult stream = Stream(stub(), request);
      ASSERT_TRUE(stream.status.ok()) << stream.status.error_message();
      EXPECT_TRUE(stream.audio == unary.audio()) << encoding << " at " << rate;
      EXPECT_EQ(stream.summary.total_samples(), unary.summary().total_samples());
      EXPECT_EQ(stream.header.sample_rate_hertz(), unary.header().sample_rate_hertz());
    }
  }
}

TEST_F(DaemonApiTest, StreamIsHeaderChunksSummary) {
  const StreamResult stream = Stream(stub(), Request(kText));
  EXPECT_THAT(stream.order, MatchesRegex("hccc+s"));
  int64_t position = 0;
  int words = 0;
  for (const v1::AudioChunk& chunk : stream.chunks) {
    EXPECT_EQ(chunk.first_sample(), position);
    position += chunk.sample_count();
    for (const v1::WordTiming& word : chunk.words()) {
      EXPECT_GE(word.first_sample(), chunk.first_sample());
      EXPECT_GT(word.sample_count(), 0);
      EXPECT_LE(word.first_sample() + word.sample_count(), stream.summary.total_samples());
      ++words;
    }
  }
  EXPECT_EQ(position, stream.summary.total_samples());
  EXPECT_EQ(words, 12);
  const v1::SynthesisTimings& timings = stream.summary.timings();
  EXPECT_LE(timings.first_audio().seconds() * 1e9 + timings.first_audio().nanos(),
            timings.total().seconds() * 1e9 + timings.total().nanos());
}

TEST_F(DaemonApiTest, ControlsHaveTheirEffect) {
  const int64_t plain = Speak(Request(kText)).summary().total_samples();
  v1::SynthesizeRequest request = Request(kText);
  request.mutable_controls()->set_speed(2.0);
  EXPECT_NEAR(Speak(request).summary().total_samples(), plain / 2.0, plain * 0.08);
  request = Request(kText);
  request.mutable_controls()->set_volume(0.0);
  EXPECT_EQ(Loudness(Speak(request).audio()), 0.0);
  request = Request(kText);
  request.mutable_controls()->set_pause_scale(4.0);
  EXPECT_GT(Speak(request).summary().total_samples(), plain);
  request = Request(kText);
  request.mutable_audio_format()->set_sample_rate_hertz(8000);
  const v1::SynthesizeResponse low = Speak(request);
  EXPECT_EQ(low.header().sample_rate_hertz(), 8000);
  const int native = Speak(Request("Rate.")).header().sample_rate_hertz();
  EXPECT_NEAR(low.summary().total_samples(), plain * 8000.0 / native, 1.0);
}

TEST_F(DaemonApiTest, EncodingsStartAsTheyShould) {
  EXPECT_EQ(Speak(Request(kText, v1::AUDIO_ENCODING_FLAC)).audio().substr(0, 4), "fLaC");
  EXPECT_EQ(Stream(stub(), Request(kText, v1::AUDIO_ENCODING_WAV)).audio.substr(0, 4), "RIFF");
}

TEST_F(DaemonApiTest, UnaryTooLongSaysToStream) {
  v1::SynthesizeResponse response;
  for (const int sentences : {40, 400}) {  // found while speaking, and foreseen
    const grpc::Status status = Unary(Request(LongText(sentences)), &response);
    EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(), HasSubstr("SynthesizeStream"));
  }
}

// Nobody knows beforehand how much of a document is spoken.
TEST_F(DaemonApiTest, LongMarkupOfAShortTextFitsOneReply) {
  v1::SynthesizeRequest request = Request("");
  std::string document = "<speak>";
  for (int i = 0; i < 600; ++i) document += fmt::format("<mark name=\"a-name-that-is-long-{:04d}\"/>", i);
  request.set_text(document + "Good morning.</speak>");
  request.mutable_text_options()->set_ssml(true);
  ASSERT_GT(request.text().size(), 20'000u);
  v1::SynthesizeResponse response;
  const grpc::Status status = Unary(request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.marks_size(), 600);
}

TEST_F(DaemonApiTest, LongTextStreamsAudioBeforeItIsFinished) {
  grpc::ClientContext context;
  const auto reader = stub()->SynthesizeStream(&context, Request(LongText(1000)));
  v1::SynthesizeStreamResponse message;
  ASSERT_TRUE(reader->Read(&message));
  EXPECT_TRUE(message.has_header());
  ASSERT_TRUE(reader->Read(&message));
  EXPECT_TRUE(message.has_chunk());
  grpc::ClientContext status_context;
  v1::ServerStatus status;
  ASSERT_TRUE(daemon_->admin().GetStatus(&status_context, {}, &status).ok());
  EXPECT_EQ(status.queue().requests(), 1);
  context.TryCancel();
  EXPECT_EQ(reader->Finish().error_code(), StatusCode::CANCELLED);
  EXPECT_TRUE(daemon_->WaitIdle());
}

TEST_F(DaemonApiTest, CancelIsCountedAndStopsTheWork) {
  const double before = daemon_->Metric("m2tts_cancelled_total");
  grpc::ClientContext context;
  const auto reader = stub()->SynthesizeStream(&context, Request(LongText(1000)));
  v1::SynthesizeStreamResponse message;
  ASSERT_TRUE(reader->Read(&message));
  context.TryCancel();
  EXPECT_EQ(reader->Finish().error_code(), StatusCode::CANCELLED);
  ASSERT_TRUE(daemon_->WaitIdle());
  EXPECT_EQ(daemon_->Metric("m2tts_cancelled_total"), before + 1);
}

TEST_F(DaemonApiTest, SlowReaderIsSuspendedAndCutByItsDeadline) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(6));
  const double audio_before = daemon_->Metric("m2tts_audio_seconds_total");
  const auto reader = stub()->SynthesizeStream(&context, Request(LongText(100)));
  EXPECT_TRUE(
      Unary(Request("Another reader goes on."), std::make_unique<v1::SynthesizeResponse>().get()).ok());
  EXPECT_EQ(reader->Finish().error_code(), StatusCode::DEADLINE_EXCEEDED);
  EXPECT_TRUE(daemon_->WaitIdle());
  // Of about 350 s; sockets and HTTP/2 windows hold some of it for the reader.
  EXPECT_LT(daemon_->Metric("m2tts_audio_seconds_total") - audio_before, 150.0);
}

TEST_F(DaemonApiTest, ImpossibleDeadlineIsRefusedAtOnce) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(250));
  const auto reader = stub()->SynthesizeStream(&context, Request(LongText(1500)));
  EXPECT_EQ(ReadStream(reader.get()).status.error_code(), StatusCode::DEADLINE_EXCEEDED);
  EXPECT_TRUE(daemon_->WaitIdle());
}

// dB, of 16-bit PCM; -1000 when the lengths differ.
double SignalToDifference(const std::string& expected, const std::string& actual) {
  if (expected.size() != actual.size()) return -1000.0;
  double signal = 0.0, difference = 1e-9;
  for (size_t i = 0; i + 1 < expected.size(); i += 2) {
    int16_t a = 0, b = 0;
    std::memcpy(&a, expected.data() + i, 2);
    std::memcpy(&b, actual.data() + i, 2);
    signal += static_cast<double>(a) * a;
    difference += static_cast<double>(a - b) * (a - b);
  }
  return 10.0 * std::log10(signal / difference);
}

TEST_F(DaemonApiTest, ConcurrentRequestsGetTheirOwnAudio) {
  std::vector<std::string> texts;
  std::vector<std::string> expected;
  for (int i = 0; i < 4; ++i) {
    texts.push_back("Request number " + std::to_string(i) + " speaks. " + LongText(i));
    expected.push_back(Speak(Request(texts.back())).audio());
  }
  std::vector<std::string> audio(texts.size());
  std::vector<std::thread> threads;
  for (size_t i = 0; i < texts.size(); ++i) {
    threads.emplace_back([&, i] { audio[i] = Stream(stub(), Request(texts[i])).audio; });
  }
  for (std::thread& thread : threads) thread.join();
  // Others in the batch change the last bits; with max_batch 1 not even those (crosstalk_test).
  for (size_t i = 0; i < texts.size(); ++i) EXPECT_GE(SignalToDifference(expected[i], audio[i]), 60.0) << i;
}

}  // namespace
}  // namespace m2tts
