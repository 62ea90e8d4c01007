#include "server/ops/reloader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace m2tts {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ReloaderTest : public testing::Test {
 protected:
  ReloaderTest()
      : config_(Read()),
        reloader_(
            [this]() -> StatusOr<ServerConfig> {
              M2TTS_ASSIGN_OR_RETURN(ServerConfig config, ServerConfig::Parse(text_, "m2ttsd.yaml"));
              config.file_text = text_;
              return config;
            },
            &config_) {
    reloader_.AddPart({{"limits."}, [this](const std::shared_ptr<const ServerConfig>& next) {
                         const int requests = next->limits.admission.max_requests;
                         return Reloader::Change{[this, requests] { in_force_ = requests; }, {}};
                       }});
    reloader_.AddPart({{"auth.tokens"}, [this](const auto&) -> StatusOr<Reloader::Change> {
                         if (!part_error_.ok()) return part_error_;
                         return Reloader::Change{[this] { ++takeovers_; }, {"auth.tokens"}};
                       }});
  }
  std::shared_ptr<const ServerConfig> Read() const {
    auto config = ServerConfig::Parse(text_, "m2ttsd.yaml");
    EXPECT_TRUE(config.ok());
    config->file_text = text_;
    return std::make_shared<ServerConfig>(*config);
  }

  std::string text_ = "limits: {max_requests: 3}\nlisten: 127.0.0.1:1\n";
  Status part_error_;
  int in_force_ = 3;
  int takeovers_ = 0;
  Snapshot<ServerConfig> config_;
  Reloader reloader_;
};

TEST_F(ReloaderTest, TakesOverWhatCountsAtOnceAndTellsTheRest) {
  text_ = "limits: {max_requests: 5}\nlisten: 127.0.0.1:2\n";
  const auto report = reloader_.Reload();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(report->changed, ElementsAre("limits.max_requests", "auth.tokens"));
  EXPECT_THAT(report->needs_restart, ElementsAre("listen"));
  EXPECT_EQ(in_force_, 5);
  EXPECT_EQ(takeovers_, 1);
  EXPECT_EQ(config_.Get()->limits.admission.max_requests, 5);
}

TEST_F(ReloaderTest, WhatNeedsARestartIsToldUntilItIsUndone) {
  text_ = "limits: {max_requests: 3}\nlisten: 127.0.0.1:2\n";
  EXPECT_THAT(reloader_.Reload()->needs_restart, ElementsAre("listen"));
  EXPECT_THAT(reloader_.Reload()->needs_restart, ElementsAre("listen"));
  text_ = "limits: {max_requests: 3}\nlisten: 127.0.0.1:1\n";
  EXPECT_THAT(reloader_.Reload()->needs_restart, IsEmpty());
}

TEST_F(ReloaderTest, ABadConfigurationChangesNothing) {
  for (const char* bad : {"limits: {max_requests: 0}", "limits: [", "limts: {}", "listen: 0.0.0.0:1"}) {
    text_ = bad;
    EXPECT_EQ(reloader_.Reload().status().code(), StatusCode::kInvalidArgument) << bad;
    EXPECT_EQ(in_force_, 3);
    EXPECT_EQ(takeovers_, 0);
    EXPECT_EQ(config_.Get()->limits.admission.max_requests, 3);
  }
}

TEST_F(ReloaderTest, APartThatIsNotReadyKeepsAllOthersBack) {
  text_ = "limits: {max_requests: 5}";
  part_error_ = InvalidArgument("tokens:3: junk");
  const auto report = reloader_.Reload();
  EXPECT_THAT(std::string(report.status().message()), HasSubstr("tokens:3"));
  EXPECT_EQ(in_force_, 3) << "prepared before the part that failed, and not taken over";
  EXPECT_EQ(config_.Get()->limits.admission.max_requests, 3);
  part_error_ = OkStatus();
  EXPECT_TRUE(reloader_.Reload().ok());
  EXPECT_EQ(in_force_, 5);
}

}  // namespace
}  // namespace m2tts
