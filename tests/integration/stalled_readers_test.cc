// Two hundred clients that ask for minutes of speech and stop reading: each costs a bounded piece of memory,
// none keeps the others waiting, and all are given up after a while.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "tests/integration/daemon.h"
#include "tests/integration/raw_socket.h"

namespace m2tts {
namespace {

using grpc::StatusCode;
using testing::AnyOf;
using testing::HasSubstr;

constexpr int kReaders = 200;
constexpr int kPatience = kMemoryIsOurs ? 1 : 5;  // a daemon under a sanitizer is that much slower
constexpr size_t kWindowBytes = 65'535;           // that a reader which takes nothing is sent all the same
constexpr char kConfig[] =
    "limits: {max_requests: 300, stream_buffer_seconds: 1, reader_timeout_seconds: 20}";

// With the window of HTTP/2 as it begins: gRPC would widen it until a reader that takes nothing has all.
std::unique_ptr<v1::Synthesizer::Stub> NarrowStub(const DaemonUnderTest& daemon) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  return v1::Synthesizer::NewStub(
      grpc::CreateCustomChannel(daemon.address(), grpc::InsecureChannelCredentials(), arguments));
}

// A stream of which one message is read.
struct StalledReader {
  StalledReader(v1::Synthesizer::Stub* stub, int sentences) {
    v1::SynthesizeStreamResponse message;
    StatusCode refused =
        StatusCode::RESOURCE_EXHAUSTED;  // the readers before have not had their buffers full
    while (refused == StatusCode::RESOURCE_EXHAUSTED) {
      context = std::make_unique<grpc::ClientContext>();
      reader = stub->SynthesizeStream(context.get(), Request(LongText(sentences)));
      if (reader->Read(&message)) return;
      refused = reader->Finish().error_code();
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    ADD_FAILURE() << "refused with code " << static_cast<int>(refused);
  }
  StatusCode Finish() {
    v1::SynthesizeStreamResponse message;
    while (reader->Read(&message)) {
    }
    return reader->Finish().error_code();
  }

  std::unique_ptr<grpc::ClientContext> context;
  std::unique_ptr<grpc::ClientReader<v1::SynthesizeStreamResponse>> reader;
};

TEST(StalledReadersTest, EachCostsLittleAndNoneKeepsOthersWaiting) {
  DaemonUnderTest daemon(kConfig);
  ASSERT_TRUE(daemon.ready());
  const auto resident = [&daemon] { return daemon.Metric("m2tts_resident_memory_bytes"); };
  ASSERT_TRUE(Stream(&daemon.synthesizer(), Request("Good morning.")).status.ok());
  const double before = resident();

  const auto stub = NarrowStub(daemon);
  std::vector<std::unique_ptr<StalledReader>> readers;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < kReaders; ++i) {
    readers.push_back(std::make_unique<StalledReader>(stub.get(), 40));
  }
  // When the buffers of all are full, nothing waits for the device, and whoever reads is served.
  while (daemon.Metric("m2tts_queue_audio_seconds") > 0.0 &&
         std::chrono::steady_clock::now() < start + kPatience * std::chrono::seconds(60)) {
    std::this_thread::yield();
  }
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(Stream(&daemon.synthesizer(), Request("Another reader goes on.")).status.ok());
  }
  if (kMemoryIsOurs) {
    EXPECT_LT((resident() - before) / kReaders, 600e3) << "bytes of each";
  }

  const auto limit = start + kPatience * std::chrono::seconds(120);
  const auto given_up = [&daemon] {
    return daemon.Metric("m2tts_requests_total{code=\"DEADLINE_EXCEEDED\",method=\"SynthesizeStream\"}");
  };
  while (given_up() < kReaders && std::chrono::steady_clock::now() < limit) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_EQ(given_up(), kReaders);
  const auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  EXPECT_GT(seconds, 20.0) << "given up too early";
  // Where opening them takes long, the first are cut before the last are given up.
  EXPECT_EQ(readers.back()->Finish(), StatusCode::DEADLINE_EXCEEDED) << "it came back in time";
  readers.pop_back();
  for (const auto& reader : readers) {
    EXPECT_THAT(reader->Finish(), AnyOf(StatusCode::DEADLINE_EXCEEDED, StatusCode::CANCELLED));
  }
  EXPECT_TRUE(Stream(&daemon.synthesizer(), Request("Good night.")).status.ok());
}

// One that goes on, one that is complete and waits for its reader, and one from the cache: each holds a call.
TEST(StalledReadersTest, TheirCallsEndWhoeverWaits) {
  DaemonUnderTest daemon("limits: {reader_timeout_seconds: 2, result_cache_bytes: 100000000}");
  ASSERT_TRUE(daemon.ready());
  const auto streams = [&daemon] { return daemon.Metric("m2tts_streams"); };
  const v1::SynthesizeRequest fits = Request(LongText(3));
  const StreamResult whole = Stream(&daemon.synthesizer(), fits);
  ASSERT_TRUE(whole.status.ok());
  ASSERT_GT(whole.audio.size(), 3 * kWindowBytes) << "gRPC alone would take it all";
  const auto stub = NarrowStub(daemon);
  std::vector<std::unique_ptr<StalledReader>> readers;
  for (const int sentences : {400, 4, 3}) {
    readers.push_back(std::make_unique<StalledReader>(stub.get(), sentences));
  }
  EXPECT_EQ(daemon.Metric("m2tts_result_cache_hits_total"), 1.0);
  EXPECT_EQ(streams(), 3.0);
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (streams() > 0.0 && std::chrono::steady_clock::now() < limit) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_EQ(streams(), 0.0);
  for (const auto& reader : readers) {
    EXPECT_THAT(reader->Finish(), AnyOf(StatusCode::CANCELLED, StatusCode::DEADLINE_EXCEEDED));
  }
}

// A client of our own making, for what no library does: it lets the daemon send no byte of any answer.
class MuteClient {
 public:
  explicit MuteClient(const std::string& address) : socket_(address) {
    const std::string no_window("\0\4\0\0\0\0", 6);  // SETTINGS_INITIAL_WINDOW_SIZE: 0
    socket_.Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Frame(4, 0, 0, no_window));
  }
  void Call(uint32_t stream, const std::string& method, const std::string& message) {
    Open(stream, method);
    Send(stream, {message}, true);
  }
  // RFC 9113, with headers as literals of RFC 7541.
  void Open(uint32_t stream, const std::string& method) {
    const std::string path = "/m2tts.v1.Synthesizer/" + method;
    std::string headers = "\x83\x86";  // :method POST, :scheme http
    headers += std::string(1, '\4') + Literal(path) + std::string(1, '\1') + Literal("localhost");
    headers += std::string(1, '\0') + Literal("te") + Literal("trailers");
    headers += std::string(1, '\0') + Literal("content-type") + Literal("application/grpc");
    socket_.Send(Frame(1, 4, stream, headers));
  }
  // `last`: nothing follows. It looks after no window: all that is sent in a connection has to fit 64 KB.
  void Send(uint32_t stream, const std::vector<std::string>& messages, bool last) {
    std::string frames;
    for (size_t i = 0; i < messages.size(); ++i) {
      const char flags = last && i + 1 == messages.size() ? 1 : 0;
      const auto size = static_cast<uint32_t>(messages[i].size());
      frames += Frame(0, flags, stream, '\0' + BigEndian(size, 4) + messages[i]);
    }
    socket_.Send(frames);
  }

 private:
  static std::string BigEndian(uint32_t value, int bytes) {
    std::string text;
    for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(value >> (8 * i));
    return text;
  }
  static std::string Literal(const std::string& text) {
    return std::string(1, static_cast<char>(text.size())) + text;
  }
  static std::string Frame(char type, char flags, uint32_t stream, const std::string& payload) {
    return BigEndian(static_cast<uint32_t>(payload.size()), 3) + type + flags + BigEndian(stream, 4) +
           payload;
  }

  RawSocket socket_;
};

// Its answers stay in memory: streams hold their places, and replies are counted, until they are cut.
TEST(StalledReadersTest, AnswersThatCannotBeSentAreBoundedAndCut) {
  DaemonUnderTest daemon("limits: {reader_timeout_seconds: 2, max_requests: 4, max_unread_bytes: 100000}");
  ASSERT_TRUE(daemon.ready());
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  const auto wait_for = [&daemon, limit](const char* metric, auto condition) {
    while (!condition(daemon.Metric(metric)) && std::chrono::steady_clock::now() < limit) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_TRUE(condition(daemon.Metric(metric))) << metric;
  };
  MuteClient client(daemon.address());
  const std::string message = Request("Nobody will hear this, however long it takes.").SerializeAsString();
  client.Call(1, "Synthesize", message);
  wait_for("m2tts_unread_bytes", [](double bytes) { return bytes > 100'000; });
  grpc::ClientContext context;
  v1::SynthesizeResponse response;
  const grpc::Status refused = daemon.synthesizer().Synthesize(&context, Request("Hello."), &response);
  EXPECT_EQ(refused.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(refused.error_message(), HasSubstr("have not read"));
  EXPECT_EQ(daemon.Metric("m2tts_rejections_total{reason=\"unread\"}"), 1.0);
  wait_for("m2tts_unread_bytes", [](double bytes) { return bytes == 0.0; });

  v1::AnalyzeTextRequest text;
  text.set_text(LongText(150));
  client.Call(101, "AnalyzeText", text.SerializeAsString());
  wait_for("m2tts_unread_bytes", [](double bytes) { return bytes > 100'000; });
  text.set_text("Hello.");
  const auto analyze = [&daemon, &text] {
    grpc::ClientContext analysis;
    v1::AnalyzeTextResponse reply;
    return daemon.synthesizer().AnalyzeText(&analysis, text, &reply).error_code();
  };
  EXPECT_EQ(analyze(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(daemon.Metric("m2tts_rejections_total{reason=\"unread\"}"), 2.0);
  wait_for("m2tts_unread_bytes", [](double bytes) { return bytes == 0.0; });
  EXPECT_EQ(analyze(), StatusCode::OK);

  for (uint32_t stream = 103; stream < 111; stream += 2) client.Call(stream, "SynthesizeStream", message);
  wait_for("m2tts_queue_requests", [](double requests) { return requests == 4.0; });
  EXPECT_EQ(Stream(&daemon.synthesizer(), Request("No place.")).status.error_code(),
            StatusCode::RESOURCE_EXHAUSTED);
  for (const char* metric : {"m2tts_unread_bytes", "m2tts_queue_requests", "m2tts_streams"}) {
    wait_for(metric, [](double value) { return value == 0.0; });
  }
  EXPECT_TRUE(Stream(&daemon.synthesizer(), Request("There is a place.")).status.ok());
}

// Each flush is answered by an event, for which nobody has room here.
TEST(StalledReadersTest, ALiveCallThatSaysNothingIsCut) {
  DaemonUnderTest daemon("limits: {reader_timeout_seconds: 1}");
  ASSERT_TRUE(daemon.ready());
  grpc::ClientContext silent, speaking;
  for (grpc::ClientContext* context : {&silent, &speaking}) {
    context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  }
  const auto stub = v1::Synthesizer::NewStub(daemon.NewChannel());
  const auto nothing = stub->SynthesizeLive(&silent);
  const auto waits = stub->SynthesizeLive(&speaking);
  v1::SynthesizeLiveRequest config;
  config.mutable_config()->mutable_audio_format()->set_encoding(v1::AUDIO_ENCODING_PCM16);
  ASSERT_TRUE(waits->Write(config));
  v1::SynthesizeStreamResponse message;
  while (nothing->Read(&message)) {
  }
  EXPECT_EQ(nothing->Finish().error_code(), StatusCode::CANCELLED);
  // One that has said what it wants may think about its text for as long as it likes.
  v1::SynthesizeLiveRequest text;
  text.set_text("Here I am.");
  ASSERT_TRUE(waits->Write(text));
  waits->WritesDone();
  size_t bytes = 0;
  while (waits->Read(&message)) bytes += message.chunk().audio().size();
  EXPECT_TRUE(waits->Finish().ok());
  EXPECT_GT(bytes, 10'000U);
}

TEST(StalledReadersTest, AFloodOfFlushesIsHeldBackAndCut) {
  constexpr int kConnections = 30;
  DaemonUnderTest daemon("limits: {reader_timeout_seconds: 4}");
  ASSERT_TRUE(daemon.ready());
  ASSERT_TRUE(Stream(&daemon.synthesizer(), Request("Good morning.")).status.ok());
  const auto resident = [&daemon] { return daemon.Metric("m2tts_resident_memory_bytes"); };
  const auto streams = [&daemon] { return daemon.Metric("m2tts_streams"); };
  const double before = resident();
  double most = before;
  v1::SynthesizeLiveRequest config, flush;
  config.mutable_config();
  flush.set_flush(true);
  const std::vector<std::string> flood(8000, flush.SerializeAsString());
  std::vector<std::unique_ptr<MuteClient>> clients;
  for (int i = 0; i < kConnections; ++i) {
    clients.push_back(std::make_unique<MuteClient>(daemon.address()));
    clients.back()->Open(1, "SynthesizeLive");
    clients.back()->Send(1, {config.SerializeAsString()}, false);
    clients.back()->Send(1, flood, false);
  }
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  const auto wait_for = [&](auto condition) {
    while (!condition() && std::chrono::steady_clock::now() < limit) {
      most = std::max(most, resident());
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_TRUE(condition());
  };
  wait_for([&] { return streams() == kConnections; });
  wait_for([&] { return streams() == 0.0; });
  if (kMemoryIsOurs) {
    // Most of it is what gRPC keeps of the frames that are not read; read, they took 3.5 MB.
    EXPECT_LT((most - before) / kConnections, 1.2e6) << "bytes of each";
  }
  EXPECT_TRUE(Stream(&daemon.synthesizer(), Request("Good night.")).status.ok());
}

}  // namespace
}  // namespace m2tts
