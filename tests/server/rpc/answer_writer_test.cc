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
  void Cancel(const Status& reason) override { cancelled_ = reason.code() == StatusCode::kCancelled; }
  void OnDelivered(double seconds) override { delivered_ = delivered_ + seconds; }
  const SynthesisRequest& request() const override { return request_; }

  double delivered() const { return delivered_; }
  bool cancelled() const { return cancelled_; }

 private:
  SynthesisRequest request_;
  std::atomic<double> delivered_{0.0};
  std::atomic<bool> cancelled_{false};
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
        std::move(scope), AnswerWriter::Reactor{[this](const auto*) { Signal(&writes_); },
                                                [this](const auto*, const grpc::Status&) { WriteLast(); },
                                                [this](const grpc::Status&) { Signal(&finishes_); }});
    return writer_.get();
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
      bool write = false;
      {
        MutexLock lock(&mutex_);
        while (writes_ == 0 && finishes_ == 0) changed_.Wait(&mutex_);
        write = writes_ > 0;
        if (write) {
          --writes_;
          ++written_;
        }
      }
      if (write) {
        writer_->OnWriteDone(true);
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
  bool gone_ = false;
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

}  // namespace
}  // namespace m2tts
