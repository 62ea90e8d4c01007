// Starting, refusing to start, overload, faults and stopping of the real daemon.
#include <gmock/gmock.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <array>
#include <fstream>
#include <thread>

#include "grpc/health/v1/health.grpc.pb.h"
#include "tests/integration/daemon.h"

namespace m2tts {
namespace {

using grpc::StatusCode;
using testing::HasSubstr;

// Runs the daemon to its end and returns its exit code; `errors` gets the log.
int RunToEnd(const std::vector<std::string>& flags, std::string* errors,
             const std::map<std::string, std::string>& environment = {}) {
  std::vector<std::string> command = {DaemonPath()};
  command.insert(command.end(), flags.begin(), flags.end());
  Process process(command, environment);
  const int code = process.Wait();
  *errors = process.Errors();
  return code;
}

std::string WriteConfig(const TempDir& dir, const std::string& text) {
  const std::string path = dir / "m2ttsd.yaml";
  std::ofstream(path) << text;
  return path;
}

// The first loadable voice, copied to `to`.
std::string CopyVoice(const std::filesystem::path& to) {
  for (const auto& entry : std::filesystem::directory_iterator(VoicesFolder())) {
    if (!std::filesystem::exists(entry.path() / "voice.json")) continue;
    std::filesystem::create_directories(to);
    std::filesystem::copy(entry.path(), to / entry.path().filename(),
                          std::filesystem::copy_options::recursive);
    return entry.path().filename();
  }
  ADD_FAILURE() << "no voice in " << VoicesFolder();
  return "";
}

TEST(DaemonCommandLineTest, HelpAndVersion) {
  Process help({DaemonPath(), "--help"});
  EXPECT_THAT(help.ReadAll(), HasSubstr("--validate-config"));
  EXPECT_EQ(help.Wait(), 0);
  Process version({DaemonPath(), "--version"});
  EXPECT_THAT(version.ReadAll(), testing::MatchesRegex("m2ttsd .*LibTorch.*\n"));
  EXPECT_EQ(version.Wait(), 0);
}

TEST(DaemonCommandLineTest, BadFlagsAndConfigurationsExitWithTwo) {
  std::string errors;
  EXPECT_EQ(RunToEnd({"--colour"}, &errors), 2);
  EXPECT_THAT(errors, HasSubstr("--help"));
  EXPECT_EQ(RunToEnd({"--listen", "nonsense"}, &errors), 2);
  EXPECT_THAT(errors, HasSubstr("HOST:PORT"));
  EXPECT_EQ(RunToEnd({"--listen", "0.0.0.0:0"}, &errors), 2);
  EXPECT_THAT(errors, HasSubstr("insecure_public"));
  EXPECT_EQ(RunToEnd({"--config", "/nonexistent.yaml"}, &errors), 2);
  const TempDir dir;
  EXPECT_EQ(RunToEnd({"--config", WriteConfig(dir, "\nlisen: x\n"), "--validate-config"}, &errors), 2);
  EXPECT_THAT(errors, HasSubstr("line 2"));
  EXPECT_EQ(RunToEnd({"--config", WriteConfig(dir, "{}"), "--validate-config"}, &errors), 0);
}

TEST(DaemonStartTest, PortInUseIsAClearError) {
  DaemonUnderTest first;
  ASSERT_TRUE(first.ready());
  std::string errors;
  EXPECT_EQ(RunToEnd({"--listen", first.address(), "--metrics-listen", "off"}, &errors), 1);
  EXPECT_THAT(errors, HasSubstr("cannot listen on " + first.address() + " for gRPC"));
  EXPECT_EQ(RunToEnd({"--listen", "127.0.0.1:0", "--metrics-listen", first.http_address()}, &errors), 1);
  EXPECT_THAT(errors, HasSubstr("cannot listen on " + first.http_address() + " for HTTP"));
}

TEST(DaemonStartTest, StateDirIsForOneDaemon) {
  const TempDir dir;
  const std::string state = dir / "state";
  DaemonUnderTest first("", {}, {"--state-dir", state});
  ASSERT_TRUE(first.ready());
  std::string errors;
  EXPECT_EQ(RunToEnd({"--listen", "127.0.0.1:0", "--metrics-listen", "off", "--state-dir", state}, &errors),
            1);
  EXPECT_THAT(errors, HasSubstr("another m2ttsd"));
}

TEST(DaemonStartTest, CorruptVoiceIsRefusedByName) {
  const TempDir dir;
  const std::string name = CopyVoice(dir / "voices");
  FlipByteInTheMiddle(dir / "voices" / name / "model.safetensors");
  std::string errors;
  EXPECT_EQ(RunToEnd({"--listen", "127.0.0.1:0", "--metrics-listen", "off"}, &errors,
                     {{"M2TTS_VOICES", dir / "voices"}}),
            1);
  EXPECT_THAT(errors, HasSubstr(name));
  EXPECT_THAT(errors, HasSubstr("model.safetensors"));
}

TEST(DaemonStartTest, CorruptVoiceBesideAGoodOneIsLeftOut) {
  const TempDir dir;
  const std::string name = CopyVoice(dir / "voices");
  std::filesystem::create_directories(dir / "voices" / "broken");
  std::ofstream(dir / "voices" / "broken" / "voice.json") << "{\"name\": ";
  DaemonUnderTest daemon("voices: {default: " + name + "}", {{"M2TTS_VOICES", dir / "voices"}});
  ASSERT_TRUE(daemon.ready());
  EXPECT_EQ(daemon.Metric("m2tts_voice_load_failures"), 1.0);
  EXPECT_THAT(daemon.process().Errors(), HasSubstr("broken"));
}

TEST(DaemonStartTest, ADefaultVoiceThatIsNotThereIsAClearError) {
  const TempDir dir;
  CopyVoice(dir / "voices");
  std::string errors;
  const std::string config = WriteConfig(dir, "voices: {default: en_US-nobody}\n");
  EXPECT_EQ(RunToEnd({"--config", config}, &errors, {{"M2TTS_VOICES", dir / "voices"}}), 1);
  EXPECT_THAT(errors, HasSubstr("en_US-nobody"));
}

TEST(DaemonStartTest, NoVoiceIsAClearError) {
  const TempDir dir;
  std::string errors;
  EXPECT_EQ(RunToEnd({"--listen", "127.0.0.1:0", "--metrics-listen", "off"}, &errors,
                     {{"M2TTS_VOICES", dir.path()}}),
            1);
  EXPECT_THAT(errors, HasSubstr("no voice in " + dir.path().string()));
}

TEST(DaemonLoadTest, FullQueueRefusesWithARetryDelay) {
  DaemonUnderTest daemon("limits: {max_requests: 1, stream_buffer_seconds: 1}");
  ASSERT_TRUE(daemon.ready());
  grpc::ClientContext occupying;
  const auto reader = daemon.synthesizer().SynthesizeStream(&occupying, Request(LongText(1000)));
  v1::SynthesizeStreamResponse message;
  ASSERT_TRUE(reader->Read(&message));

  grpc::ClientContext context;
  v1::SynthesizeResponse response;
  const grpc::Status refused = daemon.synthesizer().Synthesize(&context, Request("Hello."), &response);
  EXPECT_EQ(refused.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  google::rpc::Status details;
  google::rpc::RetryInfo retry;
  ASSERT_TRUE(details.ParseFromString(refused.error_details()));
  ASSERT_EQ(details.details_size(), 2) << "RetryInfo and RequestInfo";
  ASSERT_TRUE(details.details(0).UnpackTo(&retry) || details.details(1).UnpackTo(&retry));
  const int64_t delay_ms = retry.retry_delay().seconds() * 1000 + retry.retry_delay().nanos() / 1'000'000;
  EXPECT_GE(delay_ms, 100);
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto pushback = trailers.find("grpc-retry-pushback-ms");
  ASSERT_NE(pushback, trailers.end()) << "for clients with a retry policy";
  EXPECT_NEAR(std::stod(std::string(pushback->second.data(), pushback->second.size())),
              static_cast<double>(delay_ms), 1.0);
  EXPECT_EQ(daemon.Metric("m2tts_rejections_total{reason=\"requests\"}"), 1.0);

  occupying.TryCancel();
  reader->Finish();
  ASSERT_TRUE(daemon.WaitIdle());
  EXPECT_TRUE(Stream(&daemon.synthesizer(), Request("Hello.")).status.ok());
}

TEST(DaemonLoadTest, TooManyAnalysesAreRefusedWithARetryDelay) {
  DaemonUnderTest daemon("limits: {max_pending_analyses: 1}");
  ASSERT_TRUE(daemon.ready());
  constexpr int kCalls = 12;
  std::array<grpc::Status, kCalls> statuses;
  std::vector<std::thread> clients;
  for (grpc::Status& status : statuses) {
    clients.emplace_back([&daemon, &status] {
      grpc::ClientContext context;
      v1::AnalyzeTextRequest request;
      v1::AnalyzeTextResponse response;
      request.set_text(LongText(400));
      status = daemon.synthesizer().AnalyzeText(&context, request, &response);
    });
  }
  for (std::thread& client : clients) client.join();
  int answered = 0;
  int refused = 0;
  for (const grpc::Status& status : statuses) {
    if (status.ok()) {
      ++answered;
      continue;
    }
    ++refused;
    EXPECT_EQ(status.error_code(), StatusCode::RESOURCE_EXHAUSTED) << status.error_message();
    EXPECT_THAT(status.error_message(), HasSubstr("too many AnalyzeText calls wait; retry in 1 s"));
    EXPECT_THAT(status.error_details(), HasSubstr("google.rpc.RetryInfo"));
  }
  EXPECT_GT(answered, 0);
  EXPECT_GT(refused, 0);
  grpc::ClientContext context;
  v1::AnalyzeTextRequest request;
  v1::AnalyzeTextResponse response;
  request.set_text("Hello.");
  EXPECT_TRUE(daemon.synthesizer().AnalyzeText(&context, request, &response).ok())
      << "the queue is empty again";
}

TEST(DaemonLoadTest, WhatTheQueueRefusesCostsItsClientNothing) {
  DaemonUnderTest daemon(
      "limits: {max_requests: 1, stream_buffer_seconds: 1}\nclients: {characters_per_minute: 60000}");
  ASSERT_TRUE(daemon.ready());
  grpc::ClientContext occupying;
  const auto reader = daemon.synthesizer().SynthesizeStream(&occupying, Request(LongText(500)));
  v1::SynthesizeStreamResponse message;
  ASSERT_TRUE(reader->Read(&message));
  const std::string text = LongText(100);
  for (size_t sent = 0; sent < 200'000; sent += text.size()) {
    EXPECT_EQ(Stream(&daemon.synthesizer(), Request(text)).status.error_code(),
              StatusCode::RESOURCE_EXHAUSTED);
  }
  EXPECT_EQ(daemon.Metric("m2tts_rejections_total{reason=\"client_characters\"}"), -1.0);
  occupying.TryCancel();
  reader->Finish();
  ASSERT_TRUE(daemon.WaitIdle());
  EXPECT_TRUE(Stream(&daemon.synthesizer(), Request("Hello.")).status.ok());
}

TEST(DaemonLoadTest, BurstIsServedOrRefusedAndNothingElse) {
  DaemonUnderTest daemon("limits: {max_requests: 4}");
  ASSERT_TRUE(daemon.ready());
  constexpr int kCalls = 24;
  std::vector<grpc::Status> statuses(kCalls);
  std::vector<std::thread> threads;
  for (grpc::Status& status : statuses) {
    threads.emplace_back([&status, &daemon] {
      status = Stream(&daemon.synthesizer(), Request("A burst of requests arrives at once.")).status;
    });
  }
  for (std::thread& thread : threads) thread.join();
  int served = 0;
  for (const grpc::Status& status : statuses) {
    EXPECT_TRUE(status.ok() || status.error_code() == StatusCode::RESOURCE_EXHAUSTED)
        << status.error_message();
    served += status.ok() ? 1 : 0;
  }
  EXPECT_GE(served, 4);
  EXPECT_TRUE(daemon.WaitIdle());
}

TEST(DaemonFaultTest, DeviceOutOfMemoryFailsOneRequestAndNotTheDaemon) {
  DaemonUnderTest daemon("", {{"M2TTS_FAULT_INJECTION", "device_oom:40"}});
  ASSERT_TRUE(daemon.ready());
  int failed = 0;
  int served = 0;
  for (int i = 0; i < 60 && (failed == 0 || served == 0); ++i) {
    const grpc::Status status = Stream(&daemon.synthesizer(), Request("How much memory is there?")).status;
    if (status.ok()) {
      ++served;
      continue;
    }
    ++failed;
    EXPECT_EQ(status.error_code(), StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_THAT(status.error_message(), HasSubstr("out of memory"));
    EXPECT_FALSE(status.error_details().empty());
  }
  EXPECT_EQ(failed, 1);
  EXPECT_TRUE(Stream(&daemon.synthesizer(), Request("After the fault.")).status.ok());
  EXPECT_EQ(daemon.Metric("m2tts_device_out_of_memory_total"), 1.0);
}

TEST(DaemonFaultTest, UnknownFaultIsAnError) {
  std::string errors;
  EXPECT_EQ(RunToEnd({"--listen", "127.0.0.1:0", "--metrics-listen", "off"}, &errors,
                     {{"M2TTS_FAULT_INJECTION", "meteor"}}),
            1);
  EXPECT_THAT(errors, HasSubstr("device_oom:N"));
}

TEST(DaemonStopTest, SigtermLetsAStreamFinish) {
  DaemonUnderTest daemon("limits: {stream_buffer_seconds: 1}");
  ASSERT_TRUE(daemon.ready());
  grpc::ClientContext context;
  const auto reader = daemon.synthesizer().SynthesizeStream(&context, Request(LongText(30)));
  v1::SynthesizeStreamResponse message;
  ASSERT_TRUE(reader->Read(&message) && message.has_header());
  const auto health = grpc::health::v1::Health::NewStub(daemon.NewChannel());
  daemon.process().Signal(SIGTERM);

  grpc::health::v1::HealthCheckResponse response;
  do {
    grpc::ClientContext check;
    if (!health->Check(&check, {}, &response).ok()) break;
  } while (response.status() != grpc::health::v1::HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(response.status(), grpc::health::v1::HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(Stream(&daemon.synthesizer(), Request("Too late.")).status.error_code(), StatusCode::UNAVAILABLE);

  StreamResult rest = ReadStream(reader.get());
  EXPECT_TRUE(rest.status.ok()) << rest.status.error_message();
  EXPECT_EQ(rest.order.back(), 's');
  EXPECT_EQ(rest.audio.size(), 2 * static_cast<size_t>(rest.summary.total_samples()));
  EXPECT_EQ(daemon.process().Wait(), 0) << daemon.process().Errors();
}

// What has come is said, without a word from the client; and one that has said that it is done ends well.
TEST(DaemonStopTest, TextOfADialogueIsSaidBeforeTheDrainEndsIt) {
  for (const bool done : {false, true}) {
    DaemonUnderTest daemon("drain_seconds: 60\nlimits: {stream_buffer_seconds: 1}");
    ASSERT_TRUE(daemon.ready());
    grpc::ClientContext context;
    const auto live = daemon.synthesizer().SynthesizeLive(&context);
    v1::SynthesizeLiveRequest request;
    request.mutable_config();
    request.set_text(LongText(10) + " And this is half a sen");
    ASSERT_TRUE(live->Write(request));
    if (done) live->WritesDone();
    v1::SynthesizeStreamResponse part;
    std::vector<std::string> words;
    while (words.empty() && live->Read(&part)) {
      for (const auto& word : part.chunk().words()) words.push_back(word.text());
    }
    daemon.process().Signal(SIGTERM);
    while (live->Read(&part)) {
      for (const auto& word : part.chunk().words()) words.push_back(word.text());
    }
    EXPECT_EQ(live->Finish().error_code(), done ? StatusCode::OK : StatusCode::UNAVAILABLE);
    ASSERT_FALSE(words.empty());
    EXPECT_EQ(words.back(), "sen");
    EXPECT_EQ(daemon.process().Wait(), 0) << daemon.process().Errors();
  }
}

// It would wait for text until the deadline.
TEST(DaemonStopTest, ADialogueThatHasSaidAllEndsWithTheDrain) {
  DaemonUnderTest daemon("drain_seconds: 60");
  ASSERT_TRUE(daemon.ready());
  grpc::ClientContext context;
  const auto live = daemon.synthesizer().SynthesizeLive(&context);
  v1::SynthesizeLiveRequest request;
  request.mutable_config();
  request.set_text("Good morning.");
  request.set_flush(true);
  ASSERT_TRUE(live->Write(request));
  v1::SynthesizeStreamResponse part;
  while (live->Read(&part) && !part.has_event()) {
  }
  ASSERT_TRUE(part.has_event()) << "the text has been heard";
  const auto start = std::chrono::steady_clock::now();
  daemon.process().Signal(SIGTERM);
  bool summary = false;
  while (live->Read(&part)) summary = summary || part.has_summary();
  EXPECT_EQ(live->Finish().error_code(), StatusCode::UNAVAILABLE);
  EXPECT_TRUE(summary);
  EXPECT_EQ(daemon.process().Wait(), 0) << daemon.process().Errors();
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(30));
}

TEST(DaemonStopTest, DrainHasADeadline) {
  DaemonUnderTest daemon("drain_seconds: 0.2\nlimits: {stream_buffer_seconds: 1}");
  ASSERT_TRUE(daemon.ready());
  grpc::ClientContext context;
  const auto reader = daemon.synthesizer().SynthesizeStream(&context, Request(LongText(1000)));
  v1::SynthesizeStreamResponse message;
  ASSERT_TRUE(reader->Read(&message));
  daemon.process().Signal(SIGTERM);
  EXPECT_EQ(daemon.process().Wait(10.0), 0) << daemon.process().Errors();
  EXPECT_FALSE(ReadStream(reader.get()).status.ok());
}

TEST(DaemonStopTest, IdleDaemonStopsAtOnceEvenWithAHealthWatcher) {
  DaemonUnderTest daemon;
  ASSERT_TRUE(daemon.ready());
  const auto health = grpc::health::v1::Health::NewStub(daemon.NewChannel());
  grpc::ClientContext context;
  const auto watch = health->Watch(&context, {});
  grpc::health::v1::HealthCheckResponse response;
  ASSERT_TRUE(watch->Read(&response));
  daemon.process().Signal(SIGINT);
  EXPECT_EQ(daemon.process().Wait(5.0), 0);
  while (watch->Read(&response)) {
  }
  EXPECT_EQ(response.status(), grpc::health::v1::HealthCheckResponse::NOT_SERVING);
}

// The first word of an analysis, as the daemon says it now.
std::string PhonemesOf(DaemonUnderTest* daemon, const std::string& text) {
  grpc::ClientContext context;
  v1::AnalyzeTextRequest request;
  request.set_text(text);
  v1::AnalyzeTextResponse analysis;
  const grpc::Status status = daemon->synthesizer().AnalyzeText(&context, request, &analysis);
  return status.ok() && analysis.sentences_size() == 1 ? analysis.sentences(0).phonemes() : "";
}

TEST(DaemonLexiconTest, WordsOfServerAndVoiceAreReadAgainWhenTheyChange) {
  const TempDir dir;
  const std::string voice = CopyVoice(dir / "voices");
  std::ofstream(dir / "server.txt") << "zorb Z\nblick Z\n";
  std::ofstream(dir / ("voices/" + voice + "/lexicon.txt")) << "blick B\n";
  DaemonUnderTest daemon("voices: {folder: " + (dir / "voices").string() + "}\ntext: {lexicons: [" +
                         (dir / "server.txt").string() + "], say_and: true}");
  ASSERT_TRUE(daemon.ready());
  EXPECT_EQ(PhonemesOf(&daemon, "zorb blick"), "Z | B") << "the voice comes before the server";
  EXPECT_EQ(PhonemesOf(&daemon, "105"), "W AH1 N | HH AH1 N D R AH0 D | AH0 N D | F AY1 V");

  const auto becomes = [&](const std::string& phonemes) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (std::chrono::steady_clock::now() < deadline) {
      if (PhonemesOf(&daemon, "zorb blick") == phonemes) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));  // another process looks once a second
    }
    return false;
  };
  std::ofstream(dir / "server.txt") << "zorb D AO1\n";
  EXPECT_TRUE(becomes("D AO1 | B"));
  std::filesystem::remove(dir / ("voices/" + voice + "/lexicon.txt"));
  std::ofstream(dir / "server.txt") << "zorb D AO1\nblick G AO1\n";
  EXPECT_TRUE(becomes("D AO1 | G AO1"));
  EXPECT_EQ(daemon.Metric("m2tts_lexicon_load_failures"), 0.0);
}

TEST(DaemonLexiconTest, BadServerLexiconIsNoStart) {
  const TempDir dir;
  std::ofstream(dir / "words.txt") << "fine F AY1 N\nbad\n";
  std::string errors;
  const int code = RunToEnd({"--config", WriteConfig(dir, "text: {lexicons: [words.txt]}\n")}, &errors);
  EXPECT_NE(code, 0);
  EXPECT_THAT(errors, HasSubstr("words.txt:2: 'bad' lacks its phonemes"));
}

}  // namespace
}  // namespace m2tts
