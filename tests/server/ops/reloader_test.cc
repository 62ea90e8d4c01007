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
    reloader_.AddPart({"limits", {"limits."}, [this](const std::shared_ptr<const ServerConfig>& next) {
                         const int requests = next->limits.admission.max_requests;
                         return Reloader::Change{[this, requests] { in_force_ = requests; }, {}, {}};
                       }});
    reloader_.AddPart({"auth.tokens", {"auth.tokens"}, [this](const auto&) -> StatusOr<Reloader::Change> {
                         if (!part_error_.ok()) return part_error_;
                         Reloader::Change change;
                         change.take_over = [this] { ++takeovers_; };
                         change.changed = {"auth.tokens"};
                         change.failed = part_failures_;
                         return change;
                       }});
  }
  std::shared_ptr<const ServerConfig> Read() const {
    auto config = ServerConfig::Parse(text_, "m2ttsd.yaml");
    EXPECT_TRUE(config.ok());
    config->file_text = text_;
    return std::make_shared<ServerConfig>(*config);
  }

  std::string text_ = "limits: {max_requests: 3}\nlisten: 127.0.0.1:1\n";
  Status part_error_;                             // of the tokens
  std::vector<Reloader::Failure> part_failures_;  // beside them
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

TEST_F(ReloaderTest, APartThatIsNotReadyStaysAsItWasAndKeepsNobodyBack) {
  text_ = "limits: {max_requests: 5}\nauth: {tokens: other}\n";
  part_error_ = InvalidArgument("tokens:3: junk");
  const auto report = reloader_.Reload();
  ASSERT_TRUE(report.ok()) << report.status();
  ASSERT_EQ(report->failed.size(), 1U);
  EXPECT_EQ(report->failed[0].what, "auth.tokens");
  EXPECT_THAT(std::string(report->failed[0].error.message()), HasSubstr("tokens:3"));
  EXPECT_THAT(report->changed, ElementsAre("limits.max_requests")) << "and not the key of what has failed";
  EXPECT_EQ(takeovers_, 0);
  EXPECT_EQ(in_force_, 5);
  EXPECT_EQ(config_.Get()->limits.admission.max_requests, 5);
  part_error_ = OkStatus();
  const auto mended = reloader_.Reload();
  ASSERT_TRUE(mended.ok());
  EXPECT_THAT(mended->failed, IsEmpty());
  EXPECT_THAT(mended->changed, ElementsAre("auth.tokens"));
  EXPECT_EQ(takeovers_, 1);
}

TEST_F(ReloaderTest, APartMayFailInPieces) {
  part_failures_ = {{"words.txt", InvalidArgument("words.txt:1: junk")},
                    {"more.txt", NotFound("more.txt: gone")}};
  const auto report = reloader_.Reload();
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(takeovers_, 1);
  ASSERT_EQ(report->failed.size(), 2U);
  EXPECT_EQ(report->failed[1].what, "more.txt");
}

}  // namespace
}  // namespace m2tts
