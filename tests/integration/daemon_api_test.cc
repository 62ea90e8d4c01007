// Every RPC of a running daemon, through the raw gRPC client. One daemon serves all cases.
#include <gmock/gmock.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>
#include <cmath>
#include <cstring>

#include <thread>

#include "grpc/health/v1/health.grpc.pb.h"
#include "tests/integration/daemon.h"

namespace m2tts {
namespace {

using grpc::StatusCode;
using testing::HasSubstr;
using testing::MatchesRegex;

constexpr char kText[] = "Hello world. This is a test of the daemon, with two sentences.";

class DaemonApiTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { daemon_ = new DaemonUnderTest(); }
  static void TearDownTestSuite() {
    daemon_->process().Signal(SIGTERM);
    EXPECT_EQ(daemon_->process().Wait(), 0) << daemon_->process().Errors();
    delete daemon_;
  }
  void SetUp() override { ASSERT_TRUE(daemon_->ready()); }

  static v1::Synthesizer::Stub* stub() { return &daemon_->synthesizer(); }
  static grpc::Status Unary(const v1::SynthesizeRequest& request, v1::SynthesizeResponse* response) {
    grpc::ClientContext context;
    return stub()->Synthesize(&context, request, response);
  }
  static v1::SynthesizeResponse Speak(const v1::SynthesizeRequest& request) {
    v1::SynthesizeResponse response;
    const grpc::Status status = Unary(request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  static DaemonUnderTest* daemon_;
};

DaemonUnderTest* DaemonApiTest::daemon_ = nullptr;

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

TEST_F(DaemonApiTest, SkippedInputIsAWarningWithItsPlace) {
  const std::string text = "Hello \xf0\x9f\x98\x80 world.";
  const v1::SynthesizeResponse response = Speak(Request(text));
  ASSERT_GE(response.summary().warnings_size(), 1);
  EXPECT_EQ(response.summary().warnings(0).range().begin(), 6);
  EXPECT_EQ(response.summary().warnings(0).range().end(), 10);
}

TEST_F(DaemonApiTest, BadInputIsAnErrorThatNamesTheField) {
  struct Case {
    const char* name;
    StatusCode code;
    const char* message;
    std::function<void(v1::SynthesizeRequest*)> change;
  };
  const std::vector<Case> cases = {
      {"empty", StatusCode::INVALID_ARGUMENT, "text: ", [](auto* r) { r->set_text(""); }},
      {"blank", StatusCode::INVALID_ARGUMENT, "text: ", [](auto* r) { r->set_text("  \n "); }},
      {"1 MB", StatusCode::INVALID_ARGUMENT, "1000000 bytes",
       [](auto* r) { r->set_text(std::string(1000000, 'a')); }},
      {"control", StatusCode::INVALID_ARGUMENT, "0x01 at byte 2", [](auto* r) { r->set_text("ab\x01"); }},
      {"nul", StatusCode::INVALID_ARGUMENT, "0x00", [](auto* r) { r->set_text(std::string("a\0b", 3)); }},
      {"utf-8", StatusCode::INVALID_ARGUMENT, "UTF-8", [](auto* r) { r->set_text("ab\xff\xfe"); }},
      {"script", StatusCode::INVALID_ARGUMENT,
       "text: ", [](auto* r) { r->set_text("\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82"); }},
      {"emoji", StatusCode::INVALID_ARGUMENT, "text: ", [](auto* r) { r->set_text("\xf0\x9f\x98\x80"); }},
      {"voice", StatusCode::NOT_FOUND, "no voice 'nobody'",
       [](auto* r) { r->mutable_voice()->set_voice("nobody"); }},
      {"speaker", StatusCode::INVALID_ARGUMENT, "voice.speaker",
       [](auto* r) { r->mutable_voice()->set_speaker("x"); }},
      {"speed", StatusCode::INVALID_ARGUMENT, "controls.speed",
       [](auto* r) { r->mutable_controls()->set_speed(9); }},
      {"pitch", StatusCode::INVALID_ARGUMENT, "controls.pitch",
       [](auto* r) { r->mutable_controls()->set_pitch(-13); }},
      {"volume", StatusCode::INVALID_ARGUMENT, "controls.volume",
       [](auto* r) { r->mutable_controls()->set_volume(std::nan("")); }},
      {"rate", StatusCode::INVALID_ARGUMENT, "sample_rate_hertz",
       [](auto* r) { r->mutable_audio_format()->set_sample_rate_hertz(96000); }},
      {"encoding", StatusCode::INVALID_ARGUMENT, "encoding",
       [](auto* r) { r->mutable_audio_format()->set_encoding(static_cast<v1::AudioEncoding>(9)); }},
  };
  for (const Case& bad : cases) {
    v1::SynthesizeRequest request = Request("Hello.");
    bad.change(&request);
    v1::SynthesizeResponse response;
    const grpc::Status unary = Unary(request, &response);
    EXPECT_EQ(unary.error_code(), bad.code) << bad.name << ": " << unary.error_message();
    EXPECT_THAT(unary.error_message(), HasSubstr(bad.message)) << bad.name;
    const StreamResult stream = Stream(stub(), request);
    EXPECT_EQ(stream.status.error_code(), bad.code) << bad.name;
    EXPECT_EQ(stream.status.error_message(), unary.error_message()) << bad.name;
    EXPECT_EQ(stream.order, "") << bad.name;
  }
  EXPECT_TRUE(Unary(Request("Still alive."), std::make_unique<v1::SynthesizeResponse>().get()).ok());
}

TEST_F(DaemonApiTest, FieldErrorsCarryBadRequest) {
  v1::SynthesizeRequest request = Request("Hello.");
  request.mutable_controls()->set_speed(0.1);
  v1::SynthesizeResponse response;
  google::rpc::Status details;
  ASSERT_TRUE(details.ParseFromString(Unary(request, &response).error_details()));
  google::rpc::BadRequest bad_request;
  ASSERT_EQ(details.details_size(), 2) << "BadRequest and RequestInfo";
  ASSERT_TRUE(details.details(0).UnpackTo(&bad_request) || details.details(1).UnpackTo(&bad_request));
  EXPECT_EQ(bad_request.field_violations(0).field(), "controls.speed");
}

TEST_F(DaemonApiTest, UnaryTooLongSaysToStream) {
  v1::SynthesizeResponse response;
  for (const int sentences : {40, 400}) {  // found while speaking, and foreseen
    const grpc::Status status = Unary(Request(LongText(sentences)), &response);
    EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(), HasSubstr("SynthesizeStream"));
  }
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

TEST_F(DaemonApiTest, ListsVoices) {
  grpc::ClientContext context;
  v1::ListVoicesResponse voices;
  ASSERT_TRUE(stub()->ListVoices(&context, {}, &voices).ok());
  ASSERT_GE(voices.voices_size(), 1);
  EXPECT_EQ(voices.voices(0).language(), "en-US");
  EXPECT_GE(voices.voices(0).speakers_size(), 1);
  EXPECT_GT(voices.voices(0).size_bytes(), 0);
  EXPECT_TRUE(voices.next_page_token().empty());

  grpc::ClientContext german;
  v1::ListVoicesRequest request;
  request.set_language("de");
  ASSERT_TRUE(stub()->ListVoices(&german, request, &voices).ok());
  EXPECT_EQ(voices.voices_size(), 0);
  grpc::ClientContext bad;
  request.set_page_size(-1);
  EXPECT_EQ(stub()->ListVoices(&bad, request, &voices).error_code(), StatusCode::INVALID_ARGUMENT);
}

TEST_F(DaemonApiTest, AnalyzesText) {
  grpc::ClientContext context;
  v1::AnalyzeTextRequest request;
  request.set_text("It cost $5. Zorblaxity!");
  v1::AnalyzeTextResponse analysis;
  ASSERT_TRUE(stub()->AnalyzeText(&context, request, &analysis).ok());
  ASSERT_EQ(analysis.sentences_size(), 2);
  const v1::AnalyzedSentence& first = analysis.sentences(0);
  ASSERT_EQ(first.words_size(), 4);
  EXPECT_EQ(first.words(2).text(), "five");
  EXPECT_EQ(first.words(3).text(), "dollars");
  EXPECT_EQ(first.words(2).source().begin(), 8);
  EXPECT_EQ(first.words(2).source().end(), 10);
  EXPECT_EQ(first.words(2).phonemes_size(), 3);
  EXPECT_EQ(first.words(2).phonemes(1), "AY1");
  EXPECT_EQ(first.words(0).pronunciation(), v1::AnalyzedWord::LEXICON);
  EXPECT_NE(analysis.sentences(1).words(0).pronunciation(), v1::AnalyzedWord::LEXICON);
  EXPECT_THAT(first.phonemes(), HasSubstr(" | "));
}

TEST_F(DaemonApiTest, SsmlIsSpokenAsItAsks) {
  const auto samples = [](const std::string& xml) {
    v1::SynthesizeRequest request = Request(xml);
    request.mutable_text_options()->set_ssml(true);
    return Speak(request);
  };
  const v1::SynthesizeResponse plain = samples("<speak>One thing. Another thing.</speak>");
  const double rate = plain.header().sample_rate_hertz();
  const v1::SynthesizeResponse breaks = samples("<speak>One thing. Another thing.<break time='2s'/></speak>");
  EXPECT_NEAR(breaks.summary().total_samples() - plain.summary().total_samples(), 2 * rate, 2.0);
  const v1::SynthesizeResponse slow =
      samples("<speak><prosody rate='50%'>One thing. Another thing.</prosody></speak>");
  EXPECT_NEAR(slow.summary().total_samples(), 2.0 * plain.summary().total_samples(),
              0.15 * plain.summary().total_samples());
  const v1::SynthesizeResponse silent =
      samples("<speak><prosody volume='silent'>One thing.</prosody></speak>");
  EXPECT_EQ(Loudness(silent.audio()), 0.0);
}

TEST_F(DaemonApiTest, MarksComeWithTheirPlaceInTheAudio) {
  v1::SynthesizeRequest request =
      Request("<speak>One <mark name='a'/>thing. Another.<mark name='b'/></speak>");
  request.mutable_text_options()->set_ssml(true);
  const v1::SynthesizeResponse unary = Speak(request);
  ASSERT_EQ(unary.marks_size(), 2);
  ASSERT_EQ(unary.words_size(), 3);
  EXPECT_EQ(unary.marks(0).name(), "a");
  EXPECT_EQ(unary.marks(0).source().begin(), 11);
  EXPECT_EQ(unary.marks(0).first_sample(), unary.words(1).first_sample());
  EXPECT_EQ(unary.marks(1).first_sample(), unary.words(2).first_sample() + unary.words(2).sample_count());
  const StreamResult stream = Stream(stub(), request);
  int marks = 0;
  for (const v1::AudioChunk& chunk : stream.chunks) marks += chunk.marks_size();
  EXPECT_EQ(marks, 2);
}

TEST_F(DaemonApiTest, BadMarkupIsRefusedWithItsPlaceAndUnknownIsWarned) {
  v1::SynthesizeRequest request = Request("<speak>\n a<b></speak>");
  request.mutable_text_options()->set_ssml(true);
  v1::SynthesizeResponse response;
  const grpc::Status status = Unary(request, &response);
  EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("text: SSML line 2 column"));
  request.set_text("<speak><blink>Hello.</blink></speak>");
  response = Speak(request);
  ASSERT_EQ(response.summary().warnings_size(), 1);
  EXPECT_EQ(response.summary().warnings(0).kind(), v1::TextWarning::MARKUP);
  EXPECT_EQ(response.summary().warnings(0).range().begin(), 7);
}

TEST_F(DaemonApiTest, AnalysisTakesTextOptions) {
  v1::AnalyzeTextRequest request;
  request.mutable_text_options()->set_lexicon("zorb Z AO1 R B\n");
  v1::AnalyzeTextResponse analysis;
  grpc::ClientContext context;
  request.set_text("zorb [[ K AE1 T ]] 105");
  request.mutable_text_options()->set_say_and(true);
  ASSERT_TRUE(stub()->AnalyzeText(&context, request, &analysis).ok());
  ASSERT_EQ(analysis.sentences_size(), 1);
  const auto& words = analysis.sentences(0).words();
  EXPECT_EQ(words[0].pronunciation(), v1::AnalyzedWord::USER_LEXICON);
  EXPECT_EQ(words[0].ipa(), "zɔɹb");
  EXPECT_EQ(words[1].pronunciation(), v1::AnalyzedWord::INLINE);
  EXPECT_EQ(words[1].token_class(), "markup");
  EXPECT_EQ(words.size(), 6);
  EXPECT_EQ(words[4].text(), "and");
  grpc::ClientContext bad;
  request.mutable_text_options()->set_lexicon("zorb\n");
  const grpc::Status status = stub()->AnalyzeText(&bad, request, &analysis);
  EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("lexicon:1: 'zorb' lacks its phonemes"));
}

TEST_F(DaemonApiTest, AnalysisRefusesBadInput) {
  for (const char* bad : {"", "a\x02", "\xc3\x28"}) {
    grpc::ClientContext context;
    v1::AnalyzeTextRequest request;
    request.set_text(bad);
    v1::AnalyzeTextResponse analysis;
    EXPECT_EQ(stub()->AnalyzeText(&context, request, &analysis).error_code(), StatusCode::INVALID_ARGUMENT);
  }
}

TEST_F(DaemonApiTest, StatusTellsDeviceQueueAndMemory) {
  grpc::ClientContext context;
  v1::ServerStatus status;
  ASSERT_TRUE(daemon_->admin().GetStatus(&context, {}, &status).ok());
  EXPECT_EQ(status.state(), v1::SERVER_STATE_SERVING);
  EXPECT_FALSE(status.version().empty());
  EXPECT_FALSE(status.device().device().empty());
  EXPECT_FALSE(status.device().reason().empty());
  EXPECT_GT(status.device().cpu_threads(), 0);
  EXPECT_GT(status.queue().max_requests(), 0);
  EXPECT_GT(status.queue().real_time_factor(), 0.0);
  EXPECT_FALSE(status.default_voice().empty());
  EXPECT_GT(status.resident_bytes(), 0);
  EXPECT_LT(status.resident_bytes(), 350'000'000);
}

TEST_F(DaemonApiTest, JobsWithoutAStateDirSayWhatIsMissing) {
  grpc::ClientContext submit;
  v1::Job job;
  const grpc::Status status = daemon_->training().SubmitJob(&submit, {}, &job);
  EXPECT_EQ(status.error_code(), StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_message(), HasSubstr("state_dir"));
  grpc::ClientContext watch;
  EXPECT_EQ(daemon_->training().WatchJob(&watch, {})->Finish().error_code(), StatusCode::FAILED_PRECONDITION);
}

TEST_F(DaemonApiTest, HealthIsServing) {
  const auto health = grpc::health::v1::Health::NewStub(daemon_->NewChannel());
  for (const char* service : {"", "m2tts.v1.Synthesizer", "m2tts.v1.Admin"}) {
    grpc::ClientContext context;
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(service);
    grpc::health::v1::HealthCheckResponse response;
    ASSERT_TRUE(health->Check(&context, request, &response).ok()) << service;
    EXPECT_EQ(response.status(), grpc::health::v1::HealthCheckResponse::SERVING) << service;
  }
}

// ServerReflectionRequest{list_services: ""}, written by hand: its proto is not ours.
TEST_F(DaemonApiTest, ReflectionListsTheServices) {
  grpc::GenericStub generic(daemon_->NewChannel());
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  const auto call =
      generic.PrepareCall(&context, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", &queue);
  const auto step = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  call->StartCall(nullptr);
  ASSERT_TRUE(step());
  const grpc::Slice bytes("\x3a\x00", 2);
  call->Write(grpc::ByteBuffer(&bytes, 1), nullptr);
  ASSERT_TRUE(step());
  grpc::ByteBuffer answer;
  call->Read(&answer, nullptr);
  ASSERT_TRUE(step());
  std::vector<grpc::Slice> slices;
  ASSERT_TRUE(answer.Dump(&slices).ok());
  std::string text;
  for (const grpc::Slice& slice : slices)
    text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  for (const char* service :
       {"m2tts.v1.Synthesizer", "m2tts.v1.Training", "m2tts.v1.Admin", "grpc.health.v1.Health"}) {
    EXPECT_THAT(text, HasSubstr(service));
  }
  context.TryCancel();
  queue.Shutdown();
}

TEST_F(DaemonApiTest, HttpPages) {
  EXPECT_EQ(daemon_->HttpGet("/healthz"), "ok\n");
  EXPECT_EQ(daemon_->HttpGet("/readyz"), "ready\n");
  EXPECT_EQ(daemon_->HttpGet("/nothing"), "");
  Speak(Request("Count me."));
  EXPECT_GE(daemon_->Metric("m2tts_requests_total{code=\"OK\",method=\"Synthesize\"}"), 1.0);
  EXPECT_GE(daemon_->Metric("m2tts_first_audio_seconds_count"), 1.0);
  EXPECT_GT(daemon_->Metric("m2tts_audio_seconds_total"), 0.0);
  EXPECT_GT(daemon_->Metric("m2tts_resident_memory_bytes"), 0.0);
  EXPECT_EQ(daemon_->Metric("m2tts_ready"), 1.0);
  EXPECT_EQ(daemon_->Metric("m2tts_voice_load_failures"), 0.0);
  EXPECT_THAT(daemon_->HttpGet("/metrics"), HasSubstr("m2tts_device_info{"));
}

TEST_F(DaemonApiTest, LogHasNoTextOfRequests) {
  Speak(Request("Xylophones whisper confidentially."));
  EXPECT_THAT(daemon_->process().Errors(), HasSubstr("Synthesize OK"));
  EXPECT_THAT(daemon_->process().Errors(), Not(HasSubstr("ylophone")));
}

}  // namespace
}  // namespace m2tts
