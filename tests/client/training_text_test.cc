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

// Columns of a line of narrow characters.
size_t Width(const std::string& line) {
  return static_cast<size_t>(
      std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

// A job of which everything is known.
v1::JobProgress AllKnown() {
  v1::JobProgress progress = Progress(25, 1.23456, 0).progress();
  progress.set_frames_per_second(2150);
  progress.set_device_share(0.5);
  progress.set_resident_bytes(512000000);
  progress.set_celsius(61);
  return progress;
}

TEST(ProgressLineTest, LeavesOutWhatMattersLeast) {
  const std::vector<double> losses(40, 1.0);
  for (size_t columns = 0; columns < 200; ++columns) {
    const std::string line = ProgressLine(AllKnown(), losses, columns);
    EXPECT_LE(Width(line), columns) << line;
    EXPECT_EQ(line.empty(), columns < 6) << columns;  // "25/100"
  }
  const auto line = [&losses](size_t columns) { return ProgressLine(AllKnown(), losses, columns); };
  EXPECT_EQ(line(20), "acoustic 25/100");
  EXPECT_EQ(line(40), "acoustic 25/100  loss 1.2346");
  EXPECT_EQ(line(80), "acoustic [#####...............] 25/100  loss 1.2346  ETA 3 min 20 s");
  EXPECT_EQ(line(std::string::npos),
            "acoustic [#####...............] 25/100  loss 1.2346 ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁  2150 frames/s  "
            "ETA 3 min 20 s  device 50 %  512 MB  61 C");
}

TEST(ProgressLineTest, LeavesOutWhatIsUnknown) {
  v1::JobProgress progress;
  EXPECT_EQ(ProgressLine(progress, {}, 80), "");
  progress.set_stage("evaluate");  // has no steps
  EXPECT_EQ(ProgressLine(progress, {}, 80), "evaluate");
  progress.set_total_steps(100);  // before the first step
  EXPECT_EQ(ProgressLine(progress, {}, 80), "evaluate [....................] 0/100");
  const std::string rest = ProgressLine(progress, {}, std::string::npos);
  for (const double unknown : {0.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    progress.set_loss(unknown);
    progress.set_frames_per_second(unknown);
    progress.set_device_share(unknown);
    EXPECT_EQ(ProgressLine(progress, {}, std::string::npos), rest) << unknown;
  }
  progress.set_celsius(std::nan(""));
  EXPECT_EQ(ProgressLine(progress, {}, std::string::npos), rest);
  progress.set_celsius(0);  // a sensor that says 0 is there
  EXPECT_EQ(ProgressLine(progress, {}, std::string::npos), rest + "  0 C");
}

TEST(ProgressLineTest, WideCharactersTakeTwoColumns) {
  v1::JobProgress progress = Progress(25, 1.23456, 0).progress();
  progress.set_stage("音声");  // as wide as "abcd"
  EXPECT_EQ(ProgressLine(progress, {}, 10), "25/100");
  EXPECT_EQ(ProgressLine(progress, {}, 11), "音声 25/100");
  progress.set_stage("été");
  EXPECT_EQ(ProgressLine(progress, {}, 9), "25/100");
  EXPECT_EQ(ProgressLine(progress, {}, 10), "été 25/100");
  progress.set_stage("🎤");
  EXPECT_EQ(ProgressLine(progress, {}, 8), "25/100");
  EXPECT_EQ(ProgressLine(progress, {}, 9), "🎤 25/100");
  for (const std::string damaged : {"\xff", "\xe9\x9f", "\x80\x80", "\xf0"}) {
    progress.set_stage(damaged);
    EXPECT_THAT(ProgressLine(progress, {}, 79), HasSubstr("25/100"));
  }
}

TEST(JobDisplayTest, TheLiveLineFollowsTheWidthOfTheTerminal) {
  std::ostringstream out;
  int columns = 140;
  JobDisplay display(&out, true, [&columns] { return columns; });
  v1::JobEvent event = Progress(1, 2.0, 0);
  event.mutable_progress()->set_frames_per_second(2150);
  display.Show(event);
  EXPECT_THAT(out.str(), HasSubstr("frames/s"));
  for (columns = 80; columns >= 20; columns /= 2) {
    out.str("");
    display.Show(event);
    EXPECT_LT(Width(out.str()), static_cast<size_t>(columns) + 4u) << "and how it is drawn";
    EXPECT_THAT(out.str(), AllOf(HasSubstr("1/100"), Not(HasSubstr("frames/s"))));
  }
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
