#include "server/rpc/answer_writer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "core/base/mutex.h"
#include "server/ops/metrics.h"
#include "server/security/authorizer.h"
#include "server/voices/voice.h"

namespace m2tts {
namespace {

class QuietRequest : public RunningRequest {
 public:
  QuietRequest() {
    auto voice = std::make_shared<Voice>();
    voice->name = "voice";
    voice->speakers = {"one"};
    request_.voice = voice;
    request_.sample_rate = 22050;
  }
  void Start() override {}
  void Cancel(const Status& reason) override {
    cancelled_ = reason.code() == StatusCode::kCancelled;
    given_up_ = reason.code() == StatusCode::kDeadlineExceeded;
  }
  void OnDelivered(double seconds) override { delivered_ = delivered_ + seconds; }
  void LeavePlace() override { has_place_ = false; }
  const SynthesisRequest& request() const override { return request_; }

  double delivered() const { return delivered_; }
  bool cancelled() const { return cancelled_; }
  bool given_up() const { return given_up_; }
  bool has_place() const { return has_place_; }

 private:
  SynthesisRequest request_;
  std::atomic<double> delivered_{0.0};
  std::atomic<bool> cancelled_{false};
  std::atomic<bool> given_up_{false};
  std::atomic<bool> has_place_{true};
};

// Does with a writer what gRPC does: a thread ends its writes, and deletes it once it has finished.
class Transport {
 public:
  Transport() : thread_([this] { Loop(); }) {}
  ~Transport() { thread_.join(); }

  AnswerWriter* Open() {
    scope_call_ = std::make_unique<grpc::CallbackServerContext>();
    auto scope = std::make_unique<CallScope>(&tracker_, "SynthesizeStream", scope_call_.get(), Role::kAny);
    writer_ = std::make_unique<AnswerWriter>(
        std::move(scope),
        AnswerWriter::Reactor{[this](const auto*) { Signal(&writes_); },
                              [this](const auto*, const grpc::Status&) { WriteLast(); },
                              [this](const grpc::Status&) { Signal(&finishes_); }, [this] { Cut(); }});
    return writer_.get();
  }
  WriteWatch& watch() { return tracker_.write_watch(); }
  // From now on the client takes nothing.
  void Stall() {
    MutexLock lock(&mutex_);
    stalled_ = true;
  }
  double streams() const { return metrics_.streams.Value(); }
  int written() {
    MutexLock lock(&mutex_);
    return written_;
  }
  bool ended_with_message() {
    MutexLock lock(&mutex_);
    return ended_with_message_;
  }
  // The transport has deleted the writer.
  void WaitGone() {
    MutexLock lock(&mutex_);
    while (!gone_) changed_.Wait(&mutex_);
  }

 private:
  // What gRPC does when a call is cancelled: the write that is under way fails.
  void Cut() {
    MutexLock lock(&mutex_);
    stalled_ = false;
    cut_ = true;
    changed_.NotifyAll();
  }
  void WriteLast() {
    {
      MutexLock lock(&mutex_);
      ++written_;
      ended_with_message_ = true;
    }
    Signal(&finishes_);
  }
  void Signal(int* count) {
    MutexLock lock(&mutex_);
    ++*count;
    changed_.NotifyAll();
  }
  void Loop() {
    while (true) {
      bool write = false, ok = false;
      {
        MutexLock lock(&mutex_);
        while ((writes_ == 0 || stalled_) && finishes_ == 0) changed_.Wait(&mutex_);
        write = writes_ > 0;
        ok = !cut_;
        if (write) --writes_;
        if (write && ok) ++written_;
      }
      if (write) {
        writer_->OnWriteDone(ok);
        continue;
      }
      writer_.reset();
      MutexLock lock(&mutex_);
      gone_ = true;
      changed_.NotifyAll();
      return;
    }
  }

  Metrics metrics_;
  Authorizer authorizer_;
  CallTracker tracker_{&metrics_, &authorizer_};
  std::unique_ptr<grpc::CallbackServerContext> scope_call_;
  std::unique_ptr<AnswerWriter> writer_;
  Mutex mutex_;
  CondVar changed_;
  int writes_ = 0, finishes_ = 0, written_ = 0;
  bool ended_with_message_ = false;
  bool gone_ = false, stalled_ = false, cut_ = false;
  std::thread thread_;
};

EncodedChunk Chunk() {
  EncodedChunk chunk;
  chunk.bytes = "audio";
  chunk.sample_count = 2205;
  return chunk;
}

TEST(AnswerWriterTest, HeaderChunksAndSummaryAreWrittenBeforeTheEnd) {
  Transport transport;
  auto request = std::make_shared<QuietRequest>();
  EXPECT_EQ(transport.streams(), 0.0);
  AnswerWriter* const writer = transport.Open();
  EXPECT_EQ(transport.streams(), 1.0);
  writer->SetRequest(request);
  for (int i = 0; i < 3; ++i) writer->OnChunk(Chunk());
  writer->OnDone(OkStatus(), {});
  transport.WaitGone();
  EXPECT_EQ(transport.streams(), 0.0);
  EXPECT_EQ(transport.written(), 5);
  EXPECT_NEAR(request->delivered(), 0.3, 1e-9);
  EXPECT_FALSE(request->cancelled());
}

TEST(AnswerWriterTest, TheSummaryGoesWithTheEnd) {
  Transport transport;
  AnswerWriter* const writer = transport.Open();
  writer->SetRequest(std::make_shared<QuietRequest>());
  writer->OnChunk(Chunk());
  writer->OnDone(OkStatus(), {});
  transport.WaitGone();
  EXPECT_EQ(transport.written(), 3) << "header, chunk, summary";
  EXPECT_TRUE(transport.ended_with_message());
}

TEST(AnswerWriterTest, AnErrorDropsWhatWaits) {
  Transport transport;
  AnswerWriter* const writer = transport.Open();
  writer->SetRequest(std::make_shared<QuietRequest>());
  writer->Close(Errorf(StatusCode::kUnavailable, "the device has failed"));
  transport.WaitGone();
  EXPECT_EQ(transport.written(), 0);
  EXPECT_FALSE(transport.ended_with_message());
}

// The end of the last write may finish the call, and delete the writer, while the job's thread is still
// saying that it is done. A daemon died of that once in some thousand answers.
TEST(AnswerWriterTest, MayBeDeletedWhileTheJobClosesIt) {
  for (int i = 0; i < 1000; ++i) {
    Transport transport;
    AnswerWriter* const writer = transport.Open();
    writer->SetRequest(std::make_shared<QuietRequest>());
    writer->OnChunk(Chunk());
    if (i % 2 == 0) std::this_thread::yield();
    writer->OnDone(OkStatus(), {});
    transport.WaitGone();
  }
}

TEST(AnswerWriterTest, AClientThatTakesNothingIsGivenUpAndThenCut) {
  Transport transport;
  auto request = std::make_shared<QuietRequest>();
  AnswerWriter* const writer = transport.Open();
  writer->SetRequest(request);
  transport.Stall();
  writer->OnChunk(Chunk());
  const auto now = std::chrono::steady_clock::now();
  transport.watch().Look(now + std::chrono::seconds(5), 10.0);
  EXPECT_FALSE(request->given_up());
  transport.watch().Look(now + std::chrono::seconds(1000), 0.0);
  EXPECT_FALSE(request->given_up()) << "0 is for ever";
  transport.watch().Look(now + std::chrono::seconds(11), 10.0);
  EXPECT_TRUE(request->given_up());
  writer->OnDone(Errorf(StatusCode::kDeadlineExceeded, "given up"), {});
  EXPECT_EQ(transport.streams(), 1.0) << "the client may come back";
  transport.watch().Look(now + std::chrono::seconds(21), 10.0);
  transport.WaitGone();
  EXPECT_EQ(transport.streams(), 0.0);
  EXPECT_EQ(transport.written(), 0);
}

// All of it was made before the client stopped reading: no request is left that could end.
TEST(AnswerWriterTest, AnAnswerThatIsCompleteIsCutAsWell) {
  Transport transport;
  AnswerWriter* const writer = transport.Open();
  auto request = std::make_shared<QuietRequest>();
  writer->SetRequest(request);
  transport.Stall();
  for (int i = 0; i < 3; ++i) writer->OnChunk(Chunk());
  writer->OnDone(OkStatus(), {});
  EXPECT_TRUE(request->has_place()) << "what it said waits in memory";
  transport.watch().Look(std::chrono::steady_clock::now() + std::chrono::seconds(21), 10.0);
  transport.WaitGone();
  EXPECT_FALSE(transport.ended_with_message());
  EXPECT_FALSE(request->has_place());
}

TEST(AnswerWriterTest, AClientThatReadsIsNotGivenUp) {
  Transport transport;
  auto request = std::make_shared<QuietRequest>();
  AnswerWriter* const writer = transport.Open();
  writer->SetRequest(request);
  writer->OnChunk(Chunk());
  while (request->delivered() == 0.0) std::this_thread::yield();
  transport.watch().Look(std::chrono::steady_clock::now() + std::chrono::hours(1), 10.0);
  EXPECT_FALSE(request->given_up());
  writer->OnDone(OkStatus(), {});
  transport.WaitGone();
}

TEST(AnswerWriterTest, AClientThatIsGoneCancelsTheRequestThatFollows) {
  Transport transport;
  auto request = std::make_shared<QuietRequest>();
  AnswerWriter* const writer = transport.Open();
  writer->OnCancel();
  writer->SetRequest(request);
  EXPECT_TRUE(request->cancelled());
  writer->Close(Errorf(StatusCode::kCancelled, "cancelled by the client"));
  transport.WaitGone();
  EXPECT_EQ(transport.written(), 0);
}

// Else a flood of them would wait without bound for a client that does not read.
TEST(AnswerWriterTest, AnEventCountsLikeAudioUntilItIsDelivered) {
  Transport transport;
  auto request = std::make_shared<QuietRequest>();
  AnswerWriter* const writer = transport.Open();
  writer->SetRequest(request);
  EncodedChunk chunk;
  chunk.events.resize(3);
  writer->OnChunk(chunk);
  writer->OnDone(OkStatus(), {});
  transport.WaitGone();
  EXPECT_EQ(transport.written(), 5) << "header, events, summary";
  EXPECT_NEAR(request->delivered(), 3 * kLiveEventSeconds, 1e-9);
}

}  // namespace
}  // namespace m2tts
