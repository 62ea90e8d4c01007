// What a running daemon tells about itself: voices, status, health, reflection, pages.
#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <thread>

#include "grpc/health/v1/health.grpc.pb.h"
#include "tests/integration/shared_daemon.h"

namespace m2tts {
namespace {

using grpc::StatusCode;
using testing::HasSubstr;

class DaemonStatusTest : public SharedDaemonTest {};

TEST_F(DaemonStatusTest, ListsVoices) {
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

TEST_F(DaemonStatusTest, StatusTellsDeviceQueueAndMemory) {
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
  if (kMemoryIsOurs) {
    EXPECT_LT(status.resident_bytes(), 350'000'000);
  }
}

TEST_F(DaemonStatusTest, StreamsInFlightAreCounted) {
  const auto streams = [] {
    grpc::ClientContext context;
    v1::ServerStatus status;
    EXPECT_TRUE(daemon_->admin().GetStatus(&context, {}, &status).ok());
    return status.queue().streams();
  };
  EXPECT_EQ(streams(), 0);
  grpc::ClientContext first, second;
  // More than the daemon makes ahead of one who does not read.
  const auto held = stub()->SynthesizeStream(&first, Request(LongText(60)));
  v1::SynthesizeStreamResponse response;
  ASSERT_TRUE(held->Read(&response));
  EXPECT_EQ(streams(), 1);
  const auto live = stub()->SynthesizeLive(&second);
  v1::SynthesizeLiveRequest config;
  *config.mutable_config() = Request("");
  ASSERT_TRUE(live->Write(config));
  while (streams() < 2) std::this_thread::yield();
  EXPECT_EQ(daemon_->Metric("m2tts_streams"), 2.0);
  first.TryCancel();
  second.TryCancel();
  EXPECT_EQ(held->Finish().error_code(), StatusCode::CANCELLED);
  EXPECT_EQ(live->Finish().error_code(), StatusCode::CANCELLED);
  ASSERT_TRUE(daemon_->WaitIdle());
  while (streams() > 0) std::this_thread::yield();
}

TEST_F(DaemonStatusTest, JobsWithoutAStateDirSayWhatIsMissing) {
  grpc::ClientContext submit;
  v1::Job job;
  const grpc::Status status = daemon_->training().SubmitJob(&submit, {}, &job);
  EXPECT_EQ(status.error_code(), StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_message(), HasSubstr("state_dir"));
  grpc::ClientContext watch;
  EXPECT_EQ(daemon_->training().WatchJob(&watch, {})->Finish().error_code(), StatusCode::FAILED_PRECONDITION);
}

TEST_F(DaemonStatusTest, HealthIsServing) {
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
TEST_F(DaemonStatusTest, ReflectionListsTheServices) {
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

TEST_F(DaemonStatusTest, HttpPages) {
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

}  // namespace
}  // namespace m2tts
