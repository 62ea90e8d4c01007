// The hand-written messages of the trainer against protobuf, frames, hostile bytes, and a whole
// conversation over a socket.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmath>
#include <random>
#include <thread>

#include "core/base/frames.h"
#include "m2tts/worker/v1/lease.pb.h"
#include "trainer/worker/lease_client.h"
#include "trainer/worker/lease_codec.h"

namespace m2tts {
namespace {

worker::v1::WorkerMessage Parse(const std::string& bytes) {
  worker::v1::WorkerMessage message;
  EXPECT_TRUE(message.ParseFromString(bytes));
  return message;
}

TEST(LeaseCodecTest, ProtobufReadsWhatTheTrainerWrites) {
  EXPECT_EQ(Parse(EncodeHello(4711)).hello().pid(), 4711);
  EXPECT_EQ(Parse(EncodeHello(4711)).hello().protocol(), kLeaseProtocol);
  const auto request = Parse(EncodeLeaseRequest(7, 0.25)).lease_request();
  EXPECT_EQ(request.number(), 7);
  EXPECT_EQ(request.expected_seconds(), 0.25);
  RunSink::Progress progress;
  progress.stage = "acoustic";
  progress.step = 12;
  progress.total = 400;
  progress.metrics = {{"loss", 1.5}, {"mel", 0.5}};
  progress.frames_per_second = 812.5;
  progress.seconds_per_step = 0.125;
  const auto told = Parse(EncodeProgress(progress, int64_t{5} << 30, 61.5, 0.75)).progress();
  EXPECT_EQ(told.stage(), "acoustic");
  EXPECT_EQ(told.step(), 12);
  EXPECT_EQ(told.total_steps(), 400);
  EXPECT_EQ(told.frames_per_second(), 812.5);
  EXPECT_EQ(told.seconds_per_step(), 0.125);
  EXPECT_EQ(told.resident_bytes(), int64_t{5} << 30);
  EXPECT_EQ(told.celsius(), 61.5);
  EXPECT_EQ(told.device_share(), 0.75);
  ASSERT_EQ(told.metrics_size(), 2);
  EXPECT_EQ(told.metrics(1).name(), "mel");
  EXPECT_EQ(told.metrics(1).value(), 0.5);
  const auto event = Parse(EncodeEvent("text", "samples/x.wav")).event();
  EXPECT_EQ(event.text(), "text");
  EXPECT_EQ(event.sample(), "samples/x.wav");
  EXPECT_TRUE(Parse(EncodeHeartbeat()).has_heartbeat());
  const auto done = Parse(EncodeDone(NotFound("no corpus"))).done();
  EXPECT_EQ(done.code(), static_cast<int>(StatusCode::kNotFound));
  EXPECT_EQ(done.message(), "no corpus");
}

TEST(LeaseCodecTest, WhatIsNotUtf8IsReplacedAndWhatIsLongCut) {
  const std::string latin = "metadata.csv:3: 'caf\xE9'";
  EXPECT_EQ(Parse(EncodeEvent(latin, latin)).event().text(), "metadata.csv:3: 'caf\xEF\xBF\xBD'");
  EXPECT_EQ(Parse(EncodeDone(InvalidArgument("{}", latin))).done().message(),
            "metadata.csv:3: 'caf\xEF\xBF\xBD'");
  RunSink::Progress progress;
  progress.metrics = {{latin, 1.0}};
  EXPECT_EQ(Parse(EncodeProgress(progress, 0, 0.0, 0.0)).progress().metrics_size(), 1);
  // A character that the cut goes through is none.
  std::string accents;
  for (int i = 0; i < 2'000'000; ++i) accents += "\xC3\xA9";
  EXPECT_LT(Parse(EncodeEvent("a" + accents, "")).event().text().size(), 5000u);
  EXPECT_LT(EncodeDone(InvalidArgument("a{}", accents)).size(), size_t{1} << 20);
  EXPECT_GT(Parse(EncodeDone(InvalidArgument("a{}", accents))).done().message().size(), 60'000u);
}

TEST(LeaseCodecTest, TheTrainerReadsWhatProtobufWrites) {
  worker::v1::DaemonMessage message;
  message.mutable_welcome()->set_protocol(1);
  auto read = DecodeDaemonMessage(message.SerializeAsString());
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->kind, DaemonMessage::Kind::kWelcome);
  EXPECT_EQ(read->number, 1);
  EXPECT_EQ(read->max_step_seconds, 0.0);
  message.mutable_welcome()->set_max_step_seconds(0.05);
  read = DecodeDaemonMessage(message.SerializeAsString());
  EXPECT_EQ(read->number, 1);
  EXPECT_EQ(read->max_step_seconds, 0.05);
  for (const double absurd : {-1.0, std::nan(""), HUGE_VAL}) {
    message.mutable_welcome()->set_max_step_seconds(absurd);
    read = DecodeDaemonMessage(message.SerializeAsString());
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(read->max_step_seconds, 0.0) << absurd;
  }
  message.mutable_lease_grant()->set_number(int64_t{1} << 40);
  read = DecodeDaemonMessage(message.SerializeAsString());
  EXPECT_EQ(read->kind, DaemonMessage::Kind::kLeaseGrant);
  EXPECT_EQ(read->number, int64_t{1} << 40);
  message.mutable_hold()->set_reason("serious heat");
  read = DecodeDaemonMessage(message.SerializeAsString());
  EXPECT_EQ(read->kind, DaemonMessage::Kind::kHold);
  EXPECT_EQ(read->reason, "serious heat");
  message.mutable_stop()->set_reason("cancelled");
  EXPECT_EQ(DecodeDaemonMessage(message.SerializeAsString())->kind, DaemonMessage::Kind::kStop);
  EXPECT_EQ(DecodeDaemonMessage("")->kind, DaemonMessage::Kind::kOther);
}

TEST(LeaseCodecTest, AnyBytesAreAMessageOrAnError) {
  std::mt19937 random(1);
  std::uniform_int_distribution<int> byte(0, 255), length(0, 64);
  worker::v1::DaemonMessage good;
  good.mutable_stop()->set_reason("a reason of some length");
  for (int i = 0; i < 20000; ++i) {
    std::string bytes;
    if (i % 2 == 0) {
      for (int j = length(random); j > 0; --j) bytes.push_back(static_cast<char>(byte(random)));
    } else {
      bytes = good.SerializeAsString();
      bytes[static_cast<size_t>(byte(random)) % bytes.size()] = static_cast<char>(byte(random));
      bytes.resize(bytes.size() - static_cast<size_t>(length(random)) % bytes.size());
    }
    const auto message = DecodeDaemonMessage(bytes);
    if (!message.ok()) {
      EXPECT_EQ(message.status().code(), StatusCode::kDataLoss);
    }
    worker::v1::WorkerMessage other;
    (void)other.ParseFromString(bytes);  // must not crash either
  }
}

TEST(FramesTest, MessagesComeInAnyPieces) {
  const std::string stream = Framed("one") + Framed("") + Framed(std::string(70000, 'x'));
  for (const size_t piece : {size_t{1}, size_t{3}, stream.size()}) {
    FrameReader reader;
    std::vector<std::string> messages;
    for (size_t at = 0; at < stream.size(); at += piece) {
      reader.Append(std::string_view(stream).substr(at, piece));
      for (auto next = reader.Next(); next.ok() && next->has_value(); next = reader.Next()) {
        messages.push_back(**next);
      }
    }
    ASSERT_EQ(messages.size(), 3u);
    EXPECT_EQ(messages[0], "one");
    EXPECT_EQ(messages[1], "");
    EXPECT_EQ(messages[2].size(), 70000u);
  }
}

TEST(FramesTest, AbsurdLengthsAreErrors) {
  FrameReader reader;
  reader.Append(std::string("\xff\xff\xff\x7f", 4));
  EXPECT_EQ(reader.Next().status().code(), StatusCode::kDataLoss);
}

// The daemon's end, by hand.
class Daemon {
 public:
  explicit Daemon(int socket) : socket_(socket) {}
  ~Daemon() { Close(); }
  void Close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }
  // The next message that is no heartbeat.
  worker::v1::WorkerMessage Read() {
    while (true) {
      auto frame = frames_.Next();
      EXPECT_TRUE(frame.ok());
      if (frame->has_value()) {
        const auto message = Parse(**frame);
        if (!message.has_heartbeat()) return message;
        continue;
      }
      char bytes[4096];
      const ssize_t count = ::recv(socket_, bytes, sizeof(bytes), 0);
      if (count <= 0) return {};
      frames_.Append({bytes, static_cast<size_t>(count)});
    }
  }
  void Welcome(int64_t protocol = 1, double max_step_seconds = 0.0) {
    worker::v1::DaemonMessage message;
    message.mutable_welcome()->set_protocol(protocol);
    message.mutable_welcome()->set_max_step_seconds(max_step_seconds);
    Send(message);
  }
  void Grant(int64_t number) {
    worker::v1::DaemonMessage message;
    message.mutable_lease_grant()->set_number(number);
    Send(message);
  }
  void Send(const worker::v1::DaemonMessage& message) { SendBytes(Framed(message.SerializeAsString())); }
  void SendBytes(const std::string& bytes) { EXPECT_TRUE(SendAll(socket_, bytes).ok()); }

 private:
  int socket_;
  FrameReader frames_;
};

class LeaseClientTest : public testing::Test {
 protected:
  void SetUp() override {
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    daemon_ = std::make_unique<Daemon>(ends[0]);
    daemon_->Welcome(1, 0.05);
    auto client = LeaseClient::Connect(ends[1], &stop_);
    ASSERT_TRUE(client.ok()) << client.status();
    client_ = *std::move(client);
    EXPECT_TRUE(daemon_->Read().has_hello());
  }
  void TearDown() override { client_.reset(); }

  std::atomic<bool> stop_{false};
  std::unique_ptr<Daemon> daemon_;
  std::unique_ptr<LeaseClient> client_;
};

TEST_F(LeaseClientTest, AStepStartsWhenTheLeaseComes) {
  std::atomic<bool> started{false};
  std::thread run([&] {
    EXPECT_TRUE(client_->BeforeStep([] { return OkStatus(); }).ok());
    client_->BeforePiece();  // the first piece has the step's lease
    started = true;
    client_->BeforePiece();  // the second asks for its own
  });
  const auto first = daemon_->Read().lease_request();
  EXPECT_EQ(first.number(), 1);
  EXPECT_FALSE(started);
  daemon_->Grant(1);
  EXPECT_EQ(daemon_->Read().lease_request().number(), 2);
  EXPECT_TRUE(started);
  daemon_->Grant(2);
  run.join();
}

TEST_F(LeaseClientTest, TheWelcomeLimitsMicroSteps) {
  EXPECT_EQ(client_->max_piece_seconds(), 0.05);
}

TEST_F(LeaseClientTest, AHoldSavesACheckpointOnce) {
  int saved = 0;
  std::thread run([&] {
    EXPECT_TRUE(client_
                    ->BeforeStep([&] {
                      ++saved;
                      client_->OnMessage("saved");
                      return OkStatus();
                    })
                    .ok());
  });
  const int64_t number = daemon_->Read().lease_request().number();
  worker::v1::DaemonMessage hold;
  hold.mutable_hold()->set_reason("paused by a person");
  daemon_->Send(hold);
  EXPECT_EQ(daemon_->Read().event().text(), "saved");
  daemon_->Send(hold);
  daemon_->Grant(number);
  run.join();
  EXPECT_EQ(saved, 1);
}

TEST_F(LeaseClientTest, AnErrorOfTheCheckpointIsReturned) {
  std::thread run([&] {
    const Status status = client_->BeforeStep([&] {
      client_->OnMessage("saving");
      return Errorf(StatusCode::kResourceExhausted, "full");
    });
    EXPECT_EQ(status.code(), StatusCode::kResourceExhausted);
  });
  const int64_t number = daemon_->Read().lease_request().number();
  worker::v1::DaemonMessage hold;
  hold.mutable_hold();
  daemon_->Send(hold);
  EXPECT_EQ(daemon_->Read().event().text(), "saving");
  daemon_->Grant(number);
  run.join();
}

TEST_F(LeaseClientTest, ADeadDaemonStopsTheRun) {
  std::thread run([&] { EXPECT_TRUE(client_->BeforeStep([] { return OkStatus(); }).ok()); });
  (void)daemon_->Read();
  daemon_->Close();
  run.join();  // does not wait for ever
  EXPECT_TRUE(stop_);
  EXPECT_EQ(client_->stop_reason(), "the daemon is gone");
}

TEST_F(LeaseClientTest, StopSaysWhy) {
  std::thread run([&] { EXPECT_TRUE(client_->BeforeStep([] { return OkStatus(); }).ok()); });
  (void)daemon_->Read();
  worker::v1::DaemonMessage stop;
  stop.mutable_stop()->set_reason("cancelled");
  daemon_->Send(stop);
  run.join();
  EXPECT_TRUE(stop_);
  EXPECT_EQ(client_->stop_reason(), "cancelled");
}

TEST_F(LeaseClientTest, NonsenseOfTheDaemonStopsTheRun) {
  std::thread run([&] { EXPECT_TRUE(client_->BeforeStep([] { return OkStatus(); }).ok()); });
  (void)daemon_->Read();
  daemon_->SendBytes(Framed("\x22\x7f"));  // a field that is longer than its message
  run.join();
  EXPECT_TRUE(stop_);
}

TEST(LeaseClientConnectTest, AnotherProtocolIsRefused) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  Daemon daemon(ends[0]);
  daemon.Welcome(99);
  std::atomic<bool> stop{false};
  const auto client = LeaseClient::Connect(ends[1], &stop);
  EXPECT_EQ(client.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_NE(std::string(client.status().message()).find("99"), std::string::npos);
}

}  // namespace
}  // namespace m2tts
