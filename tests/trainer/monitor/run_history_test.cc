#include "trainer/monitor/run_history.h"

#include <gtest/gtest.h>

namespace m2tts {
namespace {

using Points = std::vector<std::pair<int64_t, double>>;

constexpr char kRun[] =
    R"({"time": 100, "event": "run", "version": "0.1.0", "config": "name: x\n"}
{"time": 110, "event": "step", "stage": "aligner", "step": 20, "loss": 2.5, "gradient_norm": 1}
{"time": 120, "event": "step", "stage": "aligner", "step": 40, "loss": null, "gradient_norm": 2}
{"time": 121, "event": "validation", "stage": "aligner", "step": 40, "loss": 2.25}
{"time": 122, "event": "skipped", "stage": "aligner", "step": 41, "loss": null, "reason": "not finite"}
)";

TEST(RunHistoryTest, ReadsCurvesEventsAndFacts) {
  const RunHistory history = ParseRunLog(kRun, "log.jsonl");
  EXPECT_TRUE(history.warnings.empty());
  ASSERT_EQ(history.stages.size(), 1u);
  const StageHistory& stage = history.stages[0];
  EXPECT_EQ(stage.name, "aligner");
  EXPECT_EQ(stage.last_step, 41);
  ASSERT_EQ(stage.training.size(), 2u);
  EXPECT_EQ(stage.training[0].name, "loss");
  EXPECT_EQ(stage.training[0].points, (Points{{20, 2.5}}));
  EXPECT_EQ(stage.training[1].points, (Points{{20, 1}, {40, 2}}));
  EXPECT_EQ(stage.validation[0].points, (Points{{40, 2.25}}));
  ASSERT_EQ(history.events.size(), 1u);
  EXPECT_EQ(history.events[0].event, "skipped");
  EXPECT_EQ(history.events[0].detail, "loss null, reason not finite");
  EXPECT_EQ(history.facts, (std::vector<std::pair<std::string, std::string>>{{"version", "0.1.0"},
                                                                             {"config", "name: x\n"}}));
  EXPECT_DOUBLE_EQ(history.active_seconds, 22);
}

TEST(RunHistoryTest, AResumedRunTakesThePlaceOfWhatItRepeats) {
  const RunHistory history = ParseRunLog(R"({"time": 0, "event": "run"}
{"time": 10, "event": "step", "stage": "a", "step": 20, "loss": 5}
{"time": 20, "event": "step", "stage": "a", "step": 40, "loss": 4}
{"time": 30, "event": "step", "stage": "a", "step": 60, "loss": 3}
{"time": 5000, "event": "run"}
{"time": 5010, "event": "step", "stage": "a", "step": 40, "loss": 4.5}
)",
                                         "log.jsonl");
  EXPECT_EQ(history.stages[0].training[0].points, (Points{{20, 5}, {40, 4.5}}));
  EXPECT_DOUBLE_EQ(history.active_seconds, 40);
  EXPECT_EQ(history.calls, 2);
}

TEST(RunHistoryTest, DamagedLinesAreNamedAndPassedOver) {
  const RunHistory history = ParseRunLog(std::string(kRun) + R"({"time": 130, "event": "step", "sta
[1, 2]
{"event": "step", "stage": "a", "step": 1}
{"time": 1, "event": 7}
{"time": 1, "event": "step", "stage": "a", "step": 1.5}
{"time": 1, "event": "step", "stage": 3, "step": 1}

{"time": 130, "event": "step", "stage": "aligner", "step": 60, "loss": 2, "name": "text", "list": [1]}
)" + std::string("\0\xff\xfe", 3),
                                         "log.jsonl");
  ASSERT_EQ(history.warnings.size(), 7u);
  EXPECT_EQ(history.warnings[0], "log.jsonl:6: not JSON; passed over");
  EXPECT_EQ(history.warnings[1], "log.jsonl:7: not a JSON object; passed over");
  EXPECT_NE(history.warnings[2].find(":8: no number 'time'"), std::string::npos);
  EXPECT_NE(history.warnings[4].find(":10: no whole number 'step'"), std::string::npos);
  EXPECT_NE(history.warnings[6].find(":14: not JSON"), std::string::npos);
  EXPECT_EQ(history.stages[0].training[0].points, (Points{{20, 2.5}, {60, 2}}));
}

TEST(RunHistoryTest, TimesStepsAndValuesThatCannotBeArePassedOver) {
  const RunHistory history = ParseRunLog(R"({"time": 1e300, "event": "run"}
{"time": -1, "event": "run"}
{"time": 1, "event": "step", "stage": "a", "step": 100000000000000000, "loss": 1}
{"time": 1, "event": "step", "stage": "a", "step": 18446744073709551615, "loss": 1}
{"time": 1, "event": "step", "stage": "a", "step": -5, "loss": 1}
{"time": 253402300799, "event": "step", "stage": "a", "step": 281474976710656, "loss": 1e308, "rate": 0.5}
)",
                                         "log.jsonl");
  ASSERT_EQ(history.warnings.size(), 5u);
  EXPECT_NE(history.warnings[0].find(":1: 'time'"), std::string::npos);
  EXPECT_NE(history.warnings[1].find(":2: 'time'"), std::string::npos);
  for (const int i : {2, 3, 4}) EXPECT_NE(history.warnings[i].find("'step' is outside"), std::string::npos);
  ASSERT_EQ(history.stages.size(), 1u);
  ASSERT_EQ(history.stages[0].training.size(), 1u);
  EXPECT_EQ(history.stages[0].training[0].name, "rate");
}

TEST(RunHistoryTest, EveryCutOfALogReads) {
  const std::string whole = kRun;
  for (size_t size = 0; size <= whole.size(); ++size) {
    EXPECT_LE(ParseRunLog(whole.substr(0, size), "x").warnings.size(), 1u) << size;
  }
}

}  // namespace
}  // namespace m2tts
