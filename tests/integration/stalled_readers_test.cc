// Two hundred clients that ask for minutes of speech and stop reading: each costs a bounded piece of memory,
// none keeps the others waiting, and all are given up after a while.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <vector>

#include "tests/integration/daemon.h"

namespace m2tts {
namespace {

using grpc::StatusCode;

constexpr int kReaders = 200;
constexpr char kConfig[] =
    "limits: {max_requests: 300, max_queue_audio_seconds: 100000, stream_buffer_seconds: 1, "
    "reader_timeout_seconds: 20}";

// A stream of which one message is read.
struct StalledReader {
  explicit StalledReader(v1::Synthesizer::Stub* stub)
      : reader(stub->SynthesizeStream(&context, Request(LongText(40)))) {
    v1::SynthesizeStreamResponse message;
    EXPECT_TRUE(reader->Read(&message));
  }
  StatusCode Finish() {
    v1::SynthesizeStreamResponse message;
    while (reader->Read(&message)) {
    }
    return reader->Finish().error_code();
  }

  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReader<v1::SynthesizeStreamResponse>> reader;
};

TEST(StalledReadersTest, EachCostsLittleAndNoneKeepsOthersWaiting) {
  DaemonUnderTest daemon(kConfig);
  ASSERT_TRUE(daemon.ready());
  const auto resident = [&daemon] { return daemon.Metric("m2tts_resident_memory_bytes"); };
  ASSERT_TRUE(Stream(&daemon.synthesizer(), Request("Good morning.")).status.ok());
  const double before = resident();

  std::vector<std::unique_ptr<StalledReader>> readers;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < kReaders; ++i) {
    readers.push_back(std::make_unique<StalledReader>(&daemon.synthesizer()));
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

}  // namespace
}  // namespace m2tts
