// A fixture whose cases share one running daemon, since starting one is what takes the time.
#pragma once

#include <gtest/gtest.h>

#include "tests/integration/daemon.h"

namespace m2tts {

class SharedDaemonTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { daemon_ = new DaemonUnderTest(); }
  static void TearDownTestSuite() {
    daemon_->Stop();
    delete daemon_;
  }
  void SetUp() override { ASSERT_TRUE(daemon_->ready()); }

  static v1::Synthesizer::Stub* stub() { return &daemon_->synthesizer(); }
  static grpc::Status Unary(const v1::SynthesizeRequest& request, v1::SynthesizeResponse* response) {
    grpc::ClientContext context;
    return stub()->Synthesize(&context, request, response);
  }
  static v1::SynthesizeResponse Speak(const v1::SynthesizeRequest& request) {
    v1::SynthesizeResponse response;
    const grpc::Status status = Unary(request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  static inline DaemonUnderTest* daemon_ = nullptr;
};

}  // namespace m2tts
