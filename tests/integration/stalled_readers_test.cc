// Two hundred clients that ask for minutes of speech and stop reading: each costs a bounded piece of memory,
// none keeps the others waiting, and all are given up after a while.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "tests/integration/daemon.h"

namespace m2tts {
namespace {

using grpc::StatusCode;

constexpr int kReaders = 200;
constexpr size_t kWindowBytes = 65'535;  // that a reader which takes nothing is sent all the same
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
  // Whoever reads is served all the same.
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(Stream(&daemon.synthesizer(), Request("Another reader goes on.")).status.ok());
  }
  if (kMemoryIsOurs) {
    EXPECT_LT((resident() - before) / kReaders, 600e3) << "bytes of each";
  }

  EXPECT_TRUE(daemon.WaitIdle(120.0)) << "they are not given up";
  const auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  EXPECT_GT(seconds, 20.0) << "given up too early";
  for (const auto& reader : readers) EXPECT_EQ(reader->Finish(), StatusCode::DEADLINE_EXCEEDED);
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
  for (const auto& reader : readers) EXPECT_EQ(reader->Finish(), StatusCode::CANCELLED);
}

}  // namespace
}  // namespace m2tts
