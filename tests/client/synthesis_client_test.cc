#include "client/synthesis_client.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "tests/client/fake_server.h"

namespace m2tts {
namespace {

using testing::FakeServer;
using testing::GoodStream;

ClientOptions At(const std::string& address, double timeout_s = 0.0) {
  ClientOptions options;
  options.address = address;
  options.timeout_s = timeout_s;
  return options;
}

class SynthesisClientTest : public ::testing::Test {
 protected:
  Status Stream(std::vector<v1::SynthesizeStreamResponse> parts) {
    server_.on_stream = [parts](grpc::ServerContext*, FakeServer::Writer* writer) {
      for (const auto& part : parts) writer->Write(part);
      return grpc::Status::OK;
    };
    return client_.SynthesizeStream({}, [this](const auto&) {
      ++parts_seen_;
      return OkStatus();
    });
  }
  void ExpectDataLoss(std::vector<v1::SynthesizeStreamResponse> parts, const std::string& words) {
    const Status status = Stream(std::move(parts));
    EXPECT_EQ(status.code(), StatusCode::kDataLoss);
    EXPECT_NE(std::string(status.message()).find(words), std::string::npos) << status;
  }

  FakeServer server_;
  SynthesisClient client_{At(server_.address())};
  int parts_seen_ = 0;
};

TEST_F(SynthesisClientTest, DeliversEveryPart) {
  EXPECT_TRUE(Stream(GoodStream()).ok());
  EXPECT_EQ(parts_seen_, 4);
}

TEST_F(SynthesisClientTest, NoticesBrokenStreams) {
  auto parts = GoodStream();
  ExpectDataLoss({}, "before its summary");
  ExpectDataLoss({parts[0], parts[1]}, "before its summary");
  ExpectDataLoss({parts[1], parts[2], parts[3]}, "no header");
  ExpectDataLoss({parts[0], parts[0], parts[1]}, "second header");
  ExpectDataLoss({parts[0], parts[2], parts[3]}, "expected sample 0, got 2");
  ExpectDataLoss({parts[0], parts[1], parts[3]}, "announced 4 samples and sent 2");
  ExpectDataLoss({parts[0], parts[1], parts[2], parts[3], parts[2]}, "after the summary");
}

TEST_F(SynthesisClientTest, ErrorOfTheHandlerCancelsTheCall) {
  bool cancelled = false;
  server_.on_stream = [&cancelled](grpc::ServerContext* context, FakeServer::Writer* writer) {
    const auto parts = GoodStream();
    writer->Write(parts[0]);
    auto chunk = parts[1];
    while (!context->IsCancelled()) writer->Write(chunk);
    cancelled = true;
    return grpc::Status::CANCELLED;
  };
  const Status status = client_.SynthesizeStream({}, [](const auto&) { return Internal("disk full"); });
  EXPECT_EQ(status.message(), "disk full");
  while (!cancelled) std::this_thread::yield();
}

TEST_F(SynthesisClientTest, CancelFromAnotherThreadEndsTheCall) {
  server_.on_stream = [this](grpc::ServerContext* context, FakeServer::Writer* writer) {
    writer->Write(GoodStream()[0]);
    client_.Cancel();
    while (!context->IsCancelled()) std::this_thread::yield();
    return grpc::Status::OK;
  };
  const auto nothing = [](const auto&) { return OkStatus(); };
  EXPECT_EQ(client_.SynthesizeStream({}, nothing).code(), StatusCode::kCancelled);
  EXPECT_EQ(client_.GetStatus().status().code(), StatusCode::kCancelled) << "later calls too";
}

TEST_F(SynthesisClientTest, DeadlineEndsTheCall) {
  server_.on_stream = [](grpc::ServerContext* context, FakeServer::Writer*) {
    while (!context->IsCancelled()) std::this_thread::yield();
    return grpc::Status::OK;
  };
  SynthesisClient client(At(server_.address(), 0.05));
  const auto nothing = [](const auto&) { return OkStatus(); };
  EXPECT_EQ(client.SynthesizeStream({}, nothing).code(), StatusCode::kDeadlineExceeded);
}

TEST_F(SynthesisClientTest, FollowsThePagesOfVoices) {
  server_.voice_pages.resize(2);
  server_.voice_pages[0].add_voices()->set_name("a");
  server_.voice_pages[0].set_next_page_token("1");
  server_.voice_pages[1].add_voices()->set_name("b");
  const auto voices = client_.ListVoices("");
  ASSERT_TRUE(voices.ok()) << voices.status();
  ASSERT_EQ(voices->size(), 2u);
  EXPECT_EQ((*voices)[1].name(), "b");
}

TEST_F(SynthesisClientTest, PagesThatRepeatAreAnErrorAndNoEndlessLoop) {
  server_.voice_pages.resize(1);
  server_.voice_pages[0].set_next_page_token("0");
  EXPECT_EQ(client_.ListVoices("").status().code(), StatusCode::kDataLoss);
}

TEST_F(SynthesisClientTest, LargeRepliesArrive) {
  server_.analysis.add_sentences()->set_normalized_text(std::string(8 << 20, 'a'));
  const auto analysis = client_.AnalyzeText({});
  ASSERT_TRUE(analysis.ok()) << analysis.status();
  EXPECT_EQ(analysis->sentences(0).normalized_text().size(), size_t{8} << 20);
}

TEST_F(SynthesisClientTest, ProxyVariablesAreNotForUs) {
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  SynthesisClient client(At(server_.address()));
  EXPECT_TRUE(client.GetStatus().ok());
  unsetenv("http_proxy");
}

TEST(SynthesisClientNoServerTest, IsUnavailableAtOnce) {
  SynthesisClient client(At("127.0.0.1:1"));
  EXPECT_EQ(client.GetStatus().status().code(), StatusCode::kUnavailable);
}

}  // namespace
}  // namespace m2tts
