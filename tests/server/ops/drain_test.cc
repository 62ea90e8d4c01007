#include "server/ops/drain.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace m2tts {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// A daemon whose calls end at a time of a clock that only waiting moves.
struct DrainedServer {
  DrainHooks Hooks() {
    DrainHooks hooks;
    hooks.refuse_new = [this] { log += "refuse "; };
    hooks.idle = [this] { return now >= idle_at; };
    hooks.wait = [this](milliseconds time) {
      now += time;
      return hurry_at.has_value() && now >= *hurry_at;
    };
    hooks.finish = [this](bool idle) { log += idle ? "close" : "cut"; };
    hooks.now = [this] { return now; };
    return hooks;
  }
  steady_clock::time_point now;
  steady_clock::time_point idle_at;
  std::optional<steady_clock::time_point> hurry_at;
  std::string log;
};

TEST(DrainTest, AnIdleDaemonEndsAtOnce) {
  DrainedServer puppet;
  EXPECT_EQ(Drain(puppet.Hooks(), 30.0), DrainResult::kIdle);
  EXPECT_EQ(puppet.log, "refuse close");
  EXPECT_EQ(puppet.now, steady_clock::time_point());
}

TEST(DrainTest, WaitsForCallsThatEndInTime) {
  DrainedServer puppet;
  puppet.idle_at += milliseconds(500);
  EXPECT_EQ(Drain(puppet.Hooks(), 30.0), DrainResult::kIdle);
  EXPECT_EQ(puppet.log, "refuse close");
  EXPECT_LT(puppet.now - steady_clock::time_point(), milliseconds(600));
}

TEST(DrainTest, CutsAtTheDeadline) {
  DrainedServer puppet;
  puppet.idle_at += std::chrono::hours(1);
  EXPECT_EQ(Drain(puppet.Hooks(), 2.0), DrainResult::kDeadline);
  EXPECT_EQ(puppet.log, "refuse cut");
  EXPECT_GE(puppet.now - steady_clock::time_point(), milliseconds(2000));
  EXPECT_LT(puppet.now - steady_clock::time_point(), milliseconds(2100));
}

TEST(DrainTest, NoTimeMeansNow) {
  DrainedServer puppet;
  puppet.idle_at += std::chrono::hours(1);
  EXPECT_EQ(Drain(puppet.Hooks(), 0.0), DrainResult::kDeadline);
  EXPECT_EQ(puppet.log, "refuse cut");
}

TEST(DrainTest, ASecondSignalHurries) {
  DrainedServer puppet;
  puppet.idle_at += std::chrono::hours(1);
  puppet.hurry_at = steady_clock::time_point() + milliseconds(100);
  EXPECT_EQ(Drain(puppet.Hooks(), 30.0), DrainResult::kHurried);
  EXPECT_EQ(puppet.log, "refuse cut");
  EXPECT_LT(puppet.now - steady_clock::time_point(), milliseconds(200));
}

}  // namespace
}  // namespace m2tts
