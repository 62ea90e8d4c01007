// SynthesizeLive over a socket, with the real front end and voice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "m2tts/v1/synthesizer.grpc.pb.h"
#include "tests/integration/daemon.h"

namespace m2tts {
namespace {

using Stream = grpc::ClientReaderWriter<v1::SynthesizeLiveRequest, v1::SynthesizeStreamResponse>;

class DaemonLiveTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { daemon_ = new DaemonUnderTest(); }
  static void TearDownTestSuite() {
    delete daemon_;
    daemon_ = nullptr;
  }

  std::unique_ptr<Stream> Open() {
    context_ = std::make_unique<grpc::ClientContext>();
    context_->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    return stub_->SynthesizeLive(context_.get());
  }

  static v1::SynthesizeLiveRequest Config() {
    v1::SynthesizeLiveRequest request;
    request.mutable_config()->mutable_audio_format()->set_encoding(v1::AUDIO_ENCODING_PCM16);
    return request;
  }

  static v1::SynthesizeLiveRequest Text(const std::string& text, bool flush = false) {
    v1::SynthesizeLiveRequest request;
    request.set_text(text);
    request.set_flush(flush);
    return request;
  }

  // All of the answer.
  struct Answer {
    std::string audio;
    std::vector<v1::LiveEvent> events;
    std::vector<std::string> words;
    v1::SynthesisSummary summary;
  };
  static void Take(const v1::SynthesizeStreamResponse& part, Answer* answer) {
    answer->audio += part.chunk().audio();
    for (const auto& word : part.chunk().words()) answer->words.push_back(word.text());
    if (part.has_event()) answer->events.push_back(part.event());
    if (part.has_summary()) answer->summary = part.summary();
  }

  static DaemonUnderTest* daemon_;
  std::unique_ptr<v1::Synthesizer::Stub> stub_ = v1::Synthesizer::NewStub(daemon_->NewChannel());
  std::unique_ptr<grpc::ClientContext> context_;
};

DaemonUnderTest* DaemonLiveTest::daemon_ = nullptr;

TEST_F(DaemonLiveTest, PiecesSoundLikeTheWholeText) {
  const std::string text = "Dr. Smith paid $3.50 for it. Was it worth that? Nobody knows.";
  const auto live = Open();
  ASSERT_TRUE(live->Write(Config()));
  for (const char c : text) ASSERT_TRUE(live->Write(Text(std::string(1, c))));
  live->WritesDone();
  Answer answer;
  v1::SynthesizeStreamResponse part;
  while (live->Read(&part)) Take(part, &answer);
  const grpc::Status status = live->Finish();
  ASSERT_TRUE(status.ok()) << status.error_message();

  v1::SynthesizeRequest whole;
  whole.set_text(text);
  whole.mutable_audio_format()->set_encoding(v1::AUDIO_ENCODING_PCM16);
  v1::SynthesizeResponse expected;
  grpc::ClientContext context;
  ASSERT_TRUE(stub_->Synthesize(&context, whole, &expected).ok());
  EXPECT_EQ(answer.summary.normalized_text(), expected.summary().normalized_text());
  EXPECT_EQ(answer.summary.total_samples(), expected.summary().total_samples());
  ASSERT_EQ(answer.audio.size(), expected.audio().size());
  ASSERT_EQ(answer.words.size(), static_cast<size_t>(expected.words_size()));
}

TEST_F(DaemonLiveTest, SpeaksBeforeTheTextHasEnded) {
  const auto live = Open();
  ASSERT_TRUE(live->Write(Config()));
  ASSERT_TRUE(live->Write(Text("This is the first sentence. And ")));
  Answer answer;
  v1::SynthesizeStreamResponse part;
  while (answer.audio.empty() && live->Read(&part)) Take(part, &answer);
  EXPECT_FALSE(answer.audio.empty());
  ASSERT_TRUE(live->Write(Text("this is", true)));
  while (answer.events.empty() && live->Read(&part)) Take(part, &answer);
  ASSERT_EQ(answer.events.size(), 1U);
  EXPECT_EQ(answer.events[0].kind(), v1::LiveEvent::FLUSHED);
  EXPECT_EQ(static_cast<size_t>(answer.events[0].first_sample()) * 2, answer.audio.size())
      << "nothing of the flushed text is held back";
  EXPECT_EQ(answer.words.back(), "is");
  live->WritesDone();
  while (live->Read(&part)) Take(part, &answer);
  EXPECT_TRUE(live->Finish().ok());
  EXPECT_EQ(static_cast<size_t>(answer.summary.total_samples()) * 2, answer.audio.size());
}

TEST_F(DaemonLiveTest, InterruptDropsTheRest) {
  const auto live = Open();
  ASSERT_TRUE(live->Write(Config()));
  std::string book;
  for (int i = 0; i < 200; ++i) book += "This is a sentence of a very long story that nobody wants to hear. ";
  ASSERT_TRUE(live->Write(Text(book)));
  Answer answer;
  v1::SynthesizeStreamResponse part;
  while (answer.audio.empty() && live->Read(&part)) Take(part, &answer);
  v1::SynthesizeLiveRequest interrupt = Text("Goodbye.", true);
  interrupt.set_interrupt(true);
  ASSERT_TRUE(live->Write(interrupt));
  live->WritesDone();
  while (live->Read(&part)) Take(part, &answer);
  const grpc::Status status = live->Finish();
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(answer.events.size(), 2U);
  EXPECT_EQ(answer.events[0].kind(), v1::LiveEvent::INTERRUPTED);
  EXPECT_EQ(answer.events[1].kind(), v1::LiveEvent::FLUSHED);
  EXPECT_LT(answer.summary.total_samples(), 40 * 22050) << "of some 800 s";
  EXPECT_EQ(answer.words.back(), "goodbye");
  EXPECT_EQ(static_cast<size_t>(answer.summary.total_samples()) * 2, answer.audio.size());
}

TEST_F(DaemonLiveTest, NothingSaidIsAnEmptyAnswer) {
  const auto live = Open();
  ASSERT_TRUE(live->Write(Config()));
  live->WritesDone();
  Answer answer;
  v1::SynthesizeStreamResponse part;
  while (live->Read(&part)) Take(part, &answer);
  EXPECT_TRUE(live->Finish().ok());
  EXPECT_EQ(answer.summary.total_samples(), 0);
}

// Sends `messages`, and returns how the call ends.
class DaemonLiveErrorTest : public DaemonLiveTest {
 protected:
  grpc::Status Send(const std::vector<v1::SynthesizeLiveRequest>& messages) {
    const auto live = Open();
    for (const auto& message : messages) live->Write(message);
    live->WritesDone();
    v1::SynthesizeStreamResponse part;
    while (live->Read(&part)) {
    }
    return live->Finish();
  }
};

TEST_F(DaemonLiveErrorTest, BadMessagesNameTheirField) {
  EXPECT_EQ(Send({}).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  const grpc::Status missing = Send({Text("Hello.")});
  EXPECT_EQ(missing.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(missing.error_message(), testing::HasSubstr("config"));
  const grpc::Status twice = Send({Config(), Config()});
  EXPECT_EQ(twice.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(twice.error_message(), testing::HasSubstr("first message"));
  const grpc::Status control = Send({Config(), Text("a\x01b")});
  EXPECT_EQ(control.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(control.error_message(), testing::HasSubstr("byte 1"));
  v1::SynthesizeLiveRequest ssml = Config();
  ssml.mutable_config()->mutable_text_options()->set_ssml(true);
  EXPECT_THAT(Send({ssml}).error_message(), testing::HasSubstr("text_options.ssml"));
  v1::SynthesizeLiveRequest voice = Config();
  voice.mutable_config()->mutable_voice()->set_voice("nobody");
  EXPECT_EQ(Send({voice}).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(DaemonLiveErrorTest, ACancelledCallFreesItsPlace) {
  for (int i = 0; i < 300; ++i) {  // more than max_live
    const auto live = Open();
    ASSERT_TRUE(live->Write(Config()));
    v1::SynthesizeStreamResponse part;
    context_->TryCancel();
    while (live->Read(&part)) {
    }
    EXPECT_EQ(live->Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  EXPECT_TRUE(Send({Config(), Text("Hello.", true)}).ok());
}

// More than the daemon lets wait: the rest is read when the client has read answers.
TEST_F(DaemonLiveTest, EveryFlushOfAFloodIsAnswered) {
  constexpr size_t kFlushes = 3000;
  const auto live = Open();
  ASSERT_TRUE(live->Write(Config()));
  for (size_t i = 0; i < kFlushes; ++i) ASSERT_TRUE(live->Write(Text("", true)));
  live->WritesDone();
  Answer answer;
  v1::SynthesizeStreamResponse part;
  while (live->Read(&part)) Take(part, &answer);
  EXPECT_TRUE(live->Finish().ok());
  EXPECT_EQ(answer.events.size(), kFlushes);
}

std::string Unspeakable(size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += "\u6f22";  // a script that no voice knows
  return text;
}

// There is no white space in it after which a sentence could end.
TEST_F(DaemonLiveTest, MuchTextWithoutSpacesKeepsNothingFromBeingHeard) {
  const auto live = Open();
  ASSERT_TRUE(live->Write(Config()));
  ASSERT_TRUE(live->Write(Text(Unspeakable(80'000))));
  ASSERT_TRUE(live->Write(Text("Hello.", true)));
  Answer answer;
  v1::SynthesizeStreamResponse part;
  while (answer.events.empty() && live->Read(&part)) Take(part, &answer);
  ASSERT_EQ(answer.events.size(), 1U);
  ASSERT_FALSE(answer.words.empty());
  EXPECT_EQ(answer.words.back(), "hello");
  live->WritesDone();
  while (live->Read(&part)) Take(part, &answer);
  EXPECT_TRUE(live->Finish().ok());
}

// With limits of its own.
class DaemonLiveLimitTest : public testing::Test {
 protected:
  struct Call {
    explicit Call(v1::Synthesizer::Stub* stub) {
      context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
      stream = stub->SynthesizeLive(&context);
      v1::SynthesizeLiveRequest request;
      request.mutable_config()->mutable_audio_format()->set_encoding(v1::AUDIO_ENCODING_PCM16);
      EXPECT_TRUE(stream->Write(request));
    }
    void Say(const std::string& text, bool flush = false, bool interrupt = false) {
      v1::SynthesizeLiveRequest request;
      request.set_text(text);
      request.set_flush(flush);
      request.set_interrupt(interrupt);
      EXPECT_TRUE(stream->Write(request));
    }
    // Reads on to the next event, or the end.
    v1::LiveEvent::Kind NextEvent() {
      v1::SynthesizeStreamResponse part;
      while (stream->Read(&part)) {
        if (part.has_event()) return part.event().kind();
      }
      return v1::LiveEvent::KIND_UNSPECIFIED;
    }
    grpc::ClientContext context;
    std::unique_ptr<Stream> stream;
  };
};

TEST_F(DaemonLiveLimitTest, TextWaitsUntilItIsPaidForAndAnInterruptIsHeardMeanwhile) {
  DaemonUnderTest daemon("clients: {characters_per_minute: 60000}");
  ASSERT_TRUE(daemon.ready());
  Call live(&daemon.synthesizer());
  live.Say(Unspeakable(90'000));
  grpc::Status refused;
  double delay_ms = 0.0;
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (refused.ok() && std::chrono::steady_clock::now() < limit) {
    grpc::ClientContext context;
    v1::SynthesizeResponse response;
    refused = daemon.synthesizer().Synthesize(&context, Request("Hello."), &response);
    const auto& trailers = context.GetServerTrailingMetadata();
    const auto pushback = trailers.find("grpc-retry-pushback-ms");
    if (pushback == trailers.end()) continue;
    delay_ms = std::stod(std::string(pushback->second.data(), pushback->second.size()));
  }
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_LT(delay_ms, 2500.0) << "of 30 s that all of it would be worth";
  live.Say("", false, true);
  EXPECT_EQ(live.NextEvent(), v1::LiveEvent::INTERRUPTED);
  live.Say("Goodbye.", true);
  EXPECT_EQ(live.NextEvent(), v1::LiveEvent::FLUSHED) << "it goes on by itself";
  live.stream->WritesDone();
  EXPECT_EQ(live.NextEvent(), v1::LiveEvent::KIND_UNSPECIFIED);
  EXPECT_TRUE(live.stream->Finish().ok());
}

// Each has less than a request may have, and all together far more than the queue takes.
TEST_F(DaemonLiveLimitTest, LiveAnswersLeaveRoomInTheQueue) {
  DaemonUnderTest daemon("limits: {max_queue_audio_seconds: 100}");
  ASSERT_TRUE(daemon.ready());
  std::vector<std::unique_ptr<Call>> calls;
  for (int i = 0; i < 6; ++i) {
    calls.push_back(std::make_unique<Call>(&daemon.synthesizer()));
    calls.back()->Say(LongText(11), true);
  }
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (daemon.Metric("m2tts_queue_audio_seconds") < 20.0 && std::chrono::steady_clock::now() < limit) {
    std::this_thread::yield();
  }
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(m2tts::Stream(&daemon.synthesizer(), Request("Hello.")).status.ok());
    EXPECT_LT(daemon.Metric("m2tts_queue_audio_seconds"), 100.0);
  }
  for (const auto& call : calls) {
    call->stream->WritesDone();
    EXPECT_EQ(call->NextEvent(), v1::LiveEvent::FLUSHED);
    EXPECT_EQ(call->NextEvent(), v1::LiveEvent::KIND_UNSPECIFIED);
    EXPECT_TRUE(call->stream->Finish().ok());
  }
  EXPECT_EQ(daemon.Metric("m2tts_rejections_total{reason=\"audio\"}"), -1.0);
}

}  // namespace
}  // namespace m2tts
