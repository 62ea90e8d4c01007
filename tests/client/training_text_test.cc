// How jobs look on a terminal, in a file, and as JSON; and what the command line refuses by itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <sstream>

#include "client/training/job_display.h"
#include "client/training/job_text.h"
#include "client/training/progress_line.h"
#include "tests/client/cli_runner.h"

namespace m2tts {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::RunM2tts;

v1::JobEvent Progress(int64_t step, double loss, int64_t time) {
  v1::JobEvent event;
  event.mutable_time()->set_seconds(time);
  auto* progress = event.mutable_progress();
  progress->set_stage("acoustic");
  progress->set_step(step);
  progress->set_total_steps(100);
  progress->set_loss(loss);
  progress->mutable_eta()->set_seconds(200);
  return event;
}

v1::JobEvent Transition(v1::JobState to, const std::string& reason) {
  v1::JobEvent event;
  event.mutable_transition()->set_to(to);
  event.mutable_transition()->set_reason(reason);
  return event;
}

TEST(JobTextTest, SparklinesSpanLeastToGreatest) {
  EXPECT_EQ(Sparkline({}, 8), "");
  EXPECT_EQ(Sparkline({1, 1, 1}, 8), "▁▁▁");
  EXPECT_EQ(Sparkline({0, 7, 3.5}, 8), "▁█▅");
  EXPECT_EQ(Sparkline({9, 9, 0, 1}, 2), "▁█");
  EXPECT_EQ(Sparkline({0, std::nan(""), 1}, 8), "▁?█");
}

TEST(JobTextTest, BarsStayInTheirWidth) {
  EXPECT_EQ(ProgressBar(0.5, 4), "[##..]");
  EXPECT_EQ(ProgressBar(-1, 4), "[....]");
  EXPECT_EQ(ProgressBar(7, 4), "[####]");
  EXPECT_EQ(ProgressBar(std::nan(""), 4), "[....]");
}

TEST(JobTextTest, StateLines) {
  EXPECT_EQ(StateLine(v1::JOB_STATE_PAUSED, v1::PAUSE_REASON_THERMAL, "93 C"), "PAUSED (thermal): 93 C");
  EXPECT_EQ(StateLine(v1::JOB_STATE_QUEUED, v1::PAUSE_REASON_UNSPECIFIED, ""), "QUEUED");
  EXPECT_EQ(JobKindText(v1::JOB_KIND_UNSPECIFIED), "train");
  EXPECT_EQ(DurationText(3720), "1 h 02 min");
}

TEST(JobTextTest, JsonHasWhatScriptsAskFor) {
  v1::Job job;
  job.set_id("a");
  job.set_state(v1::JOB_STATE_PAUSED);
  job.set_pause_reason(v1::PAUSE_REASON_USER);
  job.set_message("paused by a person");
  job.mutable_progress()->set_step(7);
  job.mutable_progress()->set_loss(1.5);
  const Json json = ToJson(job);
  EXPECT_EQ(json["id"], "a");
  EXPECT_EQ(json["state"], "PAUSED");
  EXPECT_EQ(json["pause_reason"], "user");
  EXPECT_EQ(json["reason"], "paused by a person");
  EXPECT_EQ(json["step"], 7);
  EXPECT_EQ(json["loss"], 1.5);
  EXPECT_TRUE(json["end_time"].is_null());
}

TEST(JobDisplayTest, ATerminalHasOneLiveLine) {
  std::ostringstream out;
  JobDisplay display(&out, true, [] { return 100; });
  display.Show(Progress(1, 2.0, 0));
  display.Show(Progress(2, 1.0, 0));
  EXPECT_THAT(out.str(), HasSubstr("\r\033[K"));
  EXPECT_THAT(out.str(), HasSubstr("█▁"));
  EXPECT_THAT(out.str(), HasSubstr("ETA 3 min 20 s"));
  EXPECT_THAT(out.str(), Not(HasSubstr("\n")));
  display.Show(Transition(v1::JOB_STATE_PAUSED, "serious heat: 93 C"));
  EXPECT_THAT(out.str(), HasSubstr("PAUSED: serious heat: 93 C\n"));
}

// Characters that a line takes, of UTF-8.
size_t Width(const std::string& line) {
  return static_cast<size_t>(
      std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

TEST(ProgressLineTest, FitsAndLeavesOutWhatMattersLeast) {
  v1::JobProgress progress = Progress(2, 1.0, 0).progress();
  progress.set_device_share(0.5);
  progress.set_resident_bytes(512000000);
  progress.set_celsius(61);
  const std::vector<double> losses(40, 1.0);
  for (size_t columns = 1; columns < 200; ++columns) {
    const std::string line = ProgressLine(progress, losses, columns);
    EXPECT_LE(Width(line), columns) << line;
    if (columns >= 5) {
      EXPECT_THAT(line, HasSubstr("2/100"));
    }
  }
  const std::string narrow = ProgressLine(progress, losses, 79), wide = ProgressLine(progress, losses, 140);
  EXPECT_THAT(narrow, HasSubstr("ETA"));
  EXPECT_THAT(narrow, Not(HasSubstr("512 MB")));
  EXPECT_THAT(wide, AllOf(HasSubstr("device 50 %"), HasSubstr("512 MB"), HasSubstr("61 C"), HasSubstr("▁▁")));
}

TEST(ProgressLineTest, WhatIsNotKnownIsLeftOut) {
  v1::JobProgress progress;
  progress.set_stage("evaluate");
  EXPECT_EQ(ProgressLine(progress, {}, 140), "evaluate ");
  progress.set_step(1);
  progress.set_total_steps(4);
  progress.set_loss(2.0);
  const std::string line = ProgressLine(progress, {}, 140);
  EXPECT_THAT(line, AllOf(HasSubstr("1/4"), HasSubstr("loss 2.0000")));
  for (const char* unknown : {"frames/s", "ETA", "device", "MB", " C"}) {
    EXPECT_THAT(line, Not(HasSubstr(unknown)));
  }
}

TEST(JobDisplayTest, TheLiveLineFollowsTheWidthOfTheTerminal) {
  std::ostringstream out;
  int columns = 140;
  JobDisplay display(&out, true, [&columns] { return columns; });
  v1::JobEvent fast = Progress(1, 2.0, 0);
  fast.mutable_progress()->set_frames_per_second(2150);
  display.Show(fast);
  EXPECT_THAT(out.str(), HasSubstr("2150 frames/s"));
  out.str("");
  columns = 30;
  display.Show(Progress(2, 2.0, 0));
  EXPECT_LT(Width(out.str()), 30u + 4u) << "and how it is drawn";
  EXPECT_THAT(out.str(), Not(HasSubstr("frames/s")));
}

TEST(JobDisplayTest, ElsewhereProgressComesNowAndThen) {
  std::ostringstream out;
  JobDisplay display(&out, false, [] { return 100; });
  for (int i = 1; i <= 100; ++i) display.Show(Progress(i, 1.0, 1000 + i / 5));
  const std::string text = out.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);  // after 0 and 10 s, and the last
  EXPECT_THAT(text, HasSubstr("100/100"));
  EXPECT_THAT(text, Not(HasSubstr("\033")));
}

TEST(JobDisplayTest, LogsCannotSteerTheTerminal) {
  std::ostringstream out;
  JobDisplay display(&out, true, [] { return 100; });
  v1::JobEvent event;
  event.set_log_line("evil\033]0;title\007");
  display.Show(event);
  EXPECT_THAT(out.str(), Not(HasSubstr("\033]")));
}

TEST(TrainCommandTest, WrongUsage) {
  EXPECT_EQ(RunM2tts({"train"}).code, kExitUsage);
  EXPECT_EQ(RunM2tts({"train", "show"}).code, kExitUsage);
  EXPECT_EQ(RunM2tts({"train", "submit", "--kind", "magic"}).code, kExitUsage);
  EXPECT_EQ(RunM2tts({"train", "list", "--state", "odd"}).code, kExitUsage);
  EXPECT_EQ(RunM2tts({"train", "submit", "/nonexistent.yaml"}).code, kExitNoInput);
  EXPECT_EQ(RunM2tts({"train", "submit", "--kind", "check", "--label", "x"}).code, kExitUsage);
  for (const auto& [option, values] :
       std::map<std::string, std::vector<std::string>>{{"--attempts", {"0", "-3", "101", "many"}},
                                                       {"--backoff", {"-1", "3601", "nan", "inf", "soon"}},
                                                       {"--max-wer", {"-1", "nan", "1001"}}}) {
    for (const std::string& value : values) {
      EXPECT_EQ(RunM2tts({"train", "submit", "--kind", "check", option, value}).code, kExitUsage)
          << option << " " << value;
    }
  }
}

TEST(TrainCommandTest, NoDaemonIsUnavailable) {
  const auto result = RunM2tts({"--address", "unix:/nonexistent.sock", "train", "list"});
  EXPECT_EQ(result.code, kExitUnavailable);
  EXPECT_THAT(result.err, HasSubstr("cannot reach m2ttsd"));
}

}  // namespace
}  // namespace m2tts
