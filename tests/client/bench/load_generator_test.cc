// The load generator and its command against a server in this process.
#include "client/bench/load_generator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/client/cli_runner.h"
#include "tests/client/fake_server.h"

namespace m2tts {
namespace {

using testing::CliResult;
using testing::FakeServer;
using ::testing::HasSubstr;
using testing::TempDir;

class LoadGeneratorTest : public ::testing::Test {
 protected:
  LoadGeneratorTest() { server_.status.set_resident_bytes(123); }
  LoadOptions Options() {
    LoadOptions options;
    options.texts = {"Hello."};
    return options;
  }
  StatusOr<LoadResult> Run(LoadOptions options) {
    ClientOptions client;
    client.address = server_.address();
    return LoadGenerator(client, std::move(options)).Run();
  }
  CliResult Bench(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--address", server_.address(), "bench"});
    return testing::RunM2tts(arguments, "", false);
  }
  FakeServer server_;
};

TEST_F(LoadGeneratorTest, ClosedLoopKeepsItsNumberAndEnds) {
  std::atomic<int> inside = 0, most = 0, calls = 0;
  server_.on_stream = [&](grpc::ServerContext*, FakeServer::Writer* writer) {
    const int now = ++inside;
    for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
    }
    ++calls;
    for (const auto& part : testing::GoodStream()) writer->Write(part);
    --inside;
    return grpc::Status::OK;
  };
  LoadOptions options = Options();
  options.concurrency = 3;
  options.requests = 40;
  options.warm_up = 2;
  options.connections = 2;
  const auto result = Run(options);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(calls, 42);
  EXPECT_EQ(result->calls(), 40);
  EXPECT_EQ(result->ok(), 40);
  EXPECT_LE(most, 3);
  EXPECT_EQ(result->rss_bytes, 123);
  const Json json = result->ToJson();
  EXPECT_EQ(json["ttfa_ms"]["count"], 40);
  EXPECT_DOUBLE_EQ(json["audio_seconds"].get<double>(), 40 * 0.0005);
}

TEST_F(LoadGeneratorTest, OpenLoopDoesNotWaitForAnswers) {
  // Nobody is answered before all five have come: a closed loop would hang.
  std::atomic<int> waiting = 0;
  server_.on_stream = [&](grpc::ServerContext*, FakeServer::Writer* writer) {
    ++waiting;
    while (waiting < 5) std::this_thread::yield();
    for (const auto& part : testing::GoodStream()) writer->Write(part);
    return grpc::Status::OK;
  };
  LoadOptions options = Options();
  options.rate = 1000.0;
  options.requests = 5;
  const auto result = Run(options);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->ok(), 5);
  EXPECT_EQ(result->ToJson()["loop"], "open");
}

TEST_F(LoadGeneratorTest, RefusalsAndFailuresAreCounted) {
  std::atomic<int> calls = 0;
  server_.on_stream = [&](grpc::ServerContext*, FakeServer::Writer* writer) {
    switch (calls++ % 3) {
      case 0:
        return testing::ErrorWithRetryDelay(100);
      case 1:
        return grpc::Status(grpc::StatusCode::INTERNAL, "broken");
      default:
        for (const auto& part : testing::GoodStream()) writer->Write(part);
        return grpc::Status::OK;
    }
  };
  LoadOptions options = Options();
  options.requests = 30;
  const auto result = Run(options);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->refused(), 10);
  EXPECT_EQ(result->errors(), 10);
  EXPECT_EQ(result->ok(), 10);
  EXPECT_EQ(result->first_error().message(), "broken");
}

TEST_F(LoadGeneratorTest, CancelledRequestsAreNoErrors) {
  server_.on_stream = [&](grpc::ServerContext* context, FakeServer::Writer* writer) {
    for (const auto& part : testing::GoodStream()) writer->Write(part);
    while (!context->IsCancelled()) std::this_thread::yield();
    return grpc::Status::CANCELLED;
  };
  LoadOptions options = Options();
  options.requests = 20;
  options.concurrency = 4;
  options.cancel_share = 1.0;
  options.seed = 3;
  ClientOptions client;
  client.address = server_.address();
  client.timeout_s = 0.5;  // for those whose chunks are fewer than after which they are cancelled
  const auto result = LoadGenerator(client, options).Run();
  ASSERT_TRUE(result.ok()) << result.status();
  const Json json = result->ToJson();
  EXPECT_EQ(json["cancelled"].get<int>() + json["errors"].get<int>(), 20);
  EXPECT_GT(json["cancelled"].get<int>(), 5);
}

TEST_F(LoadGeneratorTest, CancelEndsARunWithWhatItHas) {
  constexpr int kAnswered = 4;
  std::atomic<int> asked = 0;
  server_.on_stream = [&](grpc::ServerContext* context, FakeServer::Writer* writer) {
    const bool held = ++asked > kAnswered;
    while (held && !context->IsCancelled()) std::this_thread::yield();
    if (held) return grpc::Status::CANCELLED;
    for (const auto& part : testing::GoodStream()) writer->Write(part);
    return grpc::Status::OK;
  };
  ClientOptions client;
  client.address = server_.address();
  LoadOptions options = Options();
  options.requests = 1000;
  options.concurrency = 2;
  LoadGenerator generator(client, options);
  std::thread canceller([&] {
    while (asked <= kAnswered) std::this_thread::yield();
    generator.Cancel();
  });
  const auto result = generator.Run();
  canceller.join();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_GE(result->ok(), kAnswered - 1);  // its answer may be on its way when the run ends
  EXPECT_EQ(result->errors(), 0);
}

TEST_F(LoadGeneratorTest, IdleStreamsAreOpenBesideTheLoad) {
  std::atomic<int> open = 0, seen = 0;
  server_.on_live = [&](grpc::ServerContext* context, FakeServer::Live* live) {
    v1::SynthesizeLiveRequest first;
    if (!live->Read(&first) || !first.has_config() || !first.flush()) {
      return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "no flush");
    }
    ++open;
    v1::SynthesizeStreamResponse part;
    part.mutable_header()->set_sample_rate_hertz(8000);
    live->Write(part);
    part.mutable_event()->set_kind(v1::LiveEvent::FLUSHED);
    live->Write(part);
    while (!context->IsCancelled()) std::this_thread::yield();
    --open;
    return grpc::Status::CANCELLED;
  };
  server_.on_stream = [&](grpc::ServerContext*, FakeServer::Writer* writer) {
    seen = open.load();
    for (const auto& part : testing::GoodStream()) writer->Write(part);
    return grpc::Status::OK;
  };
  LoadOptions options = Options();
  options.idle_streams = 3;
  options.requests = 5;
  options.connections = 2;
  const auto result = Run(options);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(seen, 3);
  while (open > 0) std::this_thread::yield();  // hung up at the end
  EXPECT_EQ(result->ToJson()["idle_streams"]["count"], 3);
  EXPECT_EQ(result->ok(), 5);
}

TEST_F(LoadGeneratorTest, IdleStreamsThatAreRefusedAreAnError) {
  LoadOptions options = Options();
  options.idle_streams = 3;
  options.requests = 1;
  const auto result = Run(options);
  EXPECT_EQ(result.status().code(), StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(result.status().message()), HasSubstr("idle streams: no live answers here"));
}

TEST_F(LoadGeneratorTest, MetricsThatCannotBeReadAreAnError) {
  LoadOptions options = Options();
  options.requests = 1;
  options.metrics_address = "127.0.0.1:1";
  EXPECT_EQ(Run(options).status().code(), StatusCode::kUnavailable);
  options.metrics_address = "nowhere";
  EXPECT_EQ(Run(options).status().code(), StatusCode::kInvalidArgument);
  options.metrics_address = server_.address();  // speaks HTTP/2
  EXPECT_FALSE(Run(options).ok());
}

TEST_F(LoadGeneratorTest, CommandPrintsJsonWithTheDocumentedKeys) {
  const auto result = Bench({"-n", "4", "--warm-up", "0", "--json"});
  ASSERT_EQ(result.code, kExitOk) << result.err;
  const Json json = Json::parse(result.out);
  for (const char* key : {"rtf", "throughput_audio_s_per_s", "refused", "errors", "rss_bytes"}) {
    EXPECT_TRUE(json.contains(key)) << key;
  }
  EXPECT_GT(json["cpu_seconds"], 0.0);
  EXPECT_LE(json["cpu_seconds"], 64 * json["seconds"].get<double>());
  EXPECT_TRUE(json["ttfa_ms"].contains("p50"));
  EXPECT_TRUE(json["ttfa_ms"].contains("p99"));
  EXPECT_EQ(json["ok"], 4);
  EXPECT_THAT(Bench({"-n", "4", "--warm-up", "0"}).out, HasSubstr("4 requests, 4 complete"));
}

TEST_F(LoadGeneratorTest, CommandSendsWhatItIsTold) {
  TempDir dir;
  testing::WriteAll(dir / "texts.txt", "alpha\r\n\n  \nbeta\n");
  const auto result = Bench({"-n", "1", "--warm-up", "0", "-f", dir / "texts.txt", "--voice", "v", "--speed",
                             "2", "--encodings", "opus", "--sample-rate", "8000"});
  ASSERT_EQ(result.code, kExitOk) << result.err;
  const auto request = server_.last_request();
  EXPECT_EQ(request.text(), "alpha");
  EXPECT_EQ(request.voice().voice(), "v");
  EXPECT_EQ(request.controls().speed(), 2.0);
  EXPECT_EQ(request.audio_format().encoding(), v1::AUDIO_ENCODING_OGG_OPUS);
  EXPECT_EQ(request.audio_format().sample_rate_hertz(), 8000);
}

TEST_F(LoadGeneratorTest, CommandRefusesNonsense) {
  TempDir dir;
  testing::WriteAll(dir / "empty.txt", "\n\n");
  EXPECT_EQ(Bench({"-n", "0"}).code, kExitUsage);
  EXPECT_EQ(Bench({"-r", "5", "-c", "2"}).code, kExitUsage);
  EXPECT_EQ(Bench({"-r", "-5"}).code, kExitUsage);
  EXPECT_EQ(Bench({"--lengths", "10,x"}).code, kExitUsage);
  EXPECT_EQ(Bench({"--lengths", "0"}).code, kExitUsage);
  EXPECT_EQ(Bench({"--encodings", "mp4"}).code, kExitUsage);
  EXPECT_EQ(Bench({"--cancel", "0.6", "--invalid", "0.6"}).code, kExitUsage);
  EXPECT_EQ(Bench({"-f", dir / "missing"}).code, kExitNoInput);
  EXPECT_EQ(Bench({"-f", dir / "empty.txt"}).code, kExitNoInput);
}

TEST_F(LoadGeneratorTest, NothingToReportIsAFailure) {
  server_.on_stream = [](grpc::ServerContext*, FakeServer::Writer*) {
    return grpc::Status(grpc::StatusCode::INTERNAL, "broken");
  };
  const auto result = Bench({"-n", "2", "--warm-up", "0"});
  EXPECT_EQ(result.code, kExitInternal);
  EXPECT_THAT(result.err, HasSubstr("broken"));
}

}  // namespace
}  // namespace m2tts
