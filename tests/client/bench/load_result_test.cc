#include "client/bench/load_result.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace m2tts {
namespace {

using ::testing::HasSubstr;

CallRecord Good() {
  CallRecord record;
  record.scheduled = 1.0;
  record.sent = 1.001;
  record.first_audio = 1.050;
  record.finished = 2.0;
  record.audio_seconds = 4.0;
  record.device_seconds = 0.04;
  return record;
}

TEST(LoadResultTest, LatencyCountsFromTheTimeThatWasPlanned) {
  LoadResult result;
  result.seconds = 2.0;
  CallRecord late = Good();
  late.sent = 1.04;  // this program was late: the user waited all the same
  result.Add(late);
  const Json json = result.ToJson();
  EXPECT_NEAR(json["ttfa_ms"]["p50"].get<double>(), 50.0, 0.5);
  EXPECT_NEAR(json["total_ms"]["p99"].get<double>(), 1000.0, 10.0);
  EXPECT_NEAR(json["send_lag_ms"]["max"].get<double>(), 40.0, 0.01);
  EXPECT_NEAR(json["rtf"].get<double>(), 0.01, 1e-9);
  EXPECT_NEAR(json["throughput_audio_s_per_s"].get<double>(), 2.0, 1e-9);
}

TEST(LoadResultTest, EveryOutcomeHasItsPlace) {
  LoadResult result;
  result.Add(Good());
  CallRecord refused = Good();
  refused.status = Errorf(StatusCode::kResourceExhausted, "full");
  result.Add(refused);
  CallRecord cancelled = Good();
  cancelled.cancelled = true;
  cancelled.status = Errorf(StatusCode::kCancelled, "by us");
  result.Add(cancelled);
  CallRecord cut = Good();  // nobody asked for it
  cut.status = Errorf(StatusCode::kCancelled, "by the server");
  result.Add(cut);
  CallRecord invalid = Good();
  invalid.invalid = true;
  invalid.status = InvalidArgument("as it should");
  result.Add(invalid);
  CallRecord answered = Good();
  answered.invalid = true;
  result.Add(answered);
  const Json json = result.ToJson();
  EXPECT_EQ(json["requests"], 6);
  EXPECT_EQ(json["ok"], 1);
  EXPECT_EQ(json["refused"], 1);
  EXPECT_EQ(json["cancelled"], 1);
  EXPECT_EQ(json["invalid"], 1);
  EXPECT_EQ(json["errors"], 2);
  EXPECT_EQ(json["codes"]["CANCELLED"], 2);
  EXPECT_EQ(result.first_error().message(), "by the server");
  EXPECT_EQ(json["audio_seconds"], 4.0) << "of complete answers only";
}

TEST(LoadResultTest, OverloadShowsWhatWasOfferedServedAndRefused) {
  LoadResult result;
  result.open_loop = true;
  result.seconds = 4.0;
  for (int i = 1; i <= 100; ++i) {
    CallRecord record = Good();
    record.scheduled = 0.02 * i;
    record.sent = record.scheduled;
    record.first_audio = record.scheduled + 0.030;
    record.finished = record.scheduled + 0.100;
    if (i % 4 != 0) {
      record.status = Errorf(StatusCode::kResourceExhausted, "full");
      record.first_audio = -1.0;
      record.finished = record.scheduled + 0.002;
    }
    result.Add(record);
  }
  const Json json = result.ToJson();
  EXPECT_NEAR(json["offered_per_s"].get<double>(), 50.0, 1e-6);
  EXPECT_NEAR(json["requests_per_s"].get<double>(), 25 / 4.0, 1e-6);
  EXPECT_NEAR(json["throughput_audio_s_per_s"].get<double>(), 25 * 4.0 / 4.0, 1e-6);
  EXPECT_EQ(json["refused"], 75);
  EXPECT_NEAR(json["refusal_ms"]["p99"].get<double>(), 2.0, 0.05);
  EXPECT_EQ(json["ttfa_ms"]["count"], 25) << "of those that were accepted";
  for (const char* percentile : {"p50", "p90", "p99", "p99_9"}) {
    EXPECT_NEAR(json["ttfa_ms"][percentile].get<double>(), 30.0, 0.5) << percentile;
  }
  const std::string text = result.ToText();
  EXPECT_THAT(text, HasSubstr("offered          50.0 requests a second, 75.0 % refused"));
  EXPECT_THAT(
      text, HasSubstr("goodput          100.0 s of audio, 25.00 s a second; 6.2 complete requests a second"));
  EXPECT_THAT(text, HasSubstr("\nrefusal  "));
}

TEST(LoadResultTest, WhatWasNotAskedForIsNotThere) {
  const Json json = LoadResult().ToJson();
  EXPECT_FALSE(json.contains("cancel_to_stop_ms"));
  EXPECT_FALSE(json.contains("idle_streams"));
}

TEST(LoadResultTest, TextTellsTheSame) {
  LoadResult result;
  result.rss_bytes = 250'000'000;
  result.Add(Good());
  const std::string text = result.ToText();
  EXPECT_THAT(text, HasSubstr("closed loop"));
  EXPECT_THAT(text, HasSubstr("1 requests, 1 complete"));
  EXPECT_THAT(text, HasSubstr("250.0 MB"));
  EXPECT_THAT(text, HasSubstr("<=      50 ms"));
  EXPECT_THAT(LoadResult().ToText(), HasSubstr("0 requests"));
}

}  // namespace
}  // namespace m2tts
