// The controller and plain switching, each in a closed loop with a simulated machine.
#include "server/jobs/duty_controller.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <random>

namespace m2tts {
namespace {

constexpr double kAmbient = 25.0;
const LevelLimits kLimits = {80.0, 90.0, 100.0, 5.0};

// A body that heats by `full` degrees at a duty of 1, with time constant `tau`; its sensor lags by two
// seconds and has noise.
struct Machine {
  double tau;   // s
  double full;  // degrees above ambient

  double sustainable() const { return std::min(1.0, (kLimits.serious - kAmbient) / full); }
};

struct Outcome {
  double overshoot;  // highest temperature above the limit
  double used;       // of the sustainable duty, after a third of the time
};

Outcome Simulate(const Machine& machine, const std::function<double(double)>& control) {
  constexpr int kSeconds = 3600;
  std::mt19937 random(1);
  std::uniform_real_distribution<double> noise(-0.3, 0.3);
  double body = kAmbient, sensor = kAmbient, work = 0.0, highest = kAmbient;
  for (int second = 0; second < kSeconds; ++second) {
    const double duty = control(sensor + noise(random));
    EXPECT_GE(duty, 0.0);
    EXPECT_LE(duty, 1.0);
    body += (kAmbient + machine.full * duty - body) / machine.tau;
    sensor += (body - sensor) / 2.0;
    highest = std::max(highest, body);
    if (second >= kSeconds / 3) work += duty;
  }
  return {highest - kLimits.serious, work / (kSeconds - kSeconds / 3) / machine.sustainable()};
}

Outcome Controlled(const Machine& machine) {
  DutyController controller(kLimits);
  return Simulate(machine, [&](double celsius) { return controller.Update(celsius, 1.0); });
}

// What the levels alone would do: off at "serious", on again below it.
Outcome Switched(const Machine& machine) {
  LevelOptions options;
  options.celsius = kLimits;
  LevelTracker tracker(options);
  LevelTracker::Time now{};
  return Simulate(machine, [&](double celsius) {
    ThermalReading reading;
    reading.celsius = celsius;
    now += std::chrono::seconds(1);
    return tracker.Thermal(reading, now).level >= Level::kSerious ? 0.0 : 1.0;
  });
}

const Machine kMachines[] = {{30, 70},  {30, 80},  {30, 120},  {60, 70},  {60, 80},  {60, 120},
                             {120, 70}, {120, 80}, {120, 120}, {300, 80}, {300, 120}};

TEST(DutyControllerTest, HoldsTheLimitAndUsesWhatTheMachineCanCarry) {
  for (const Machine& machine : kMachines) {
    const Outcome outcome = Controlled(machine);
    EXPECT_LE(outcome.overshoot, 2.0) << machine.tau << " s, " << machine.full << " degrees";
    EXPECT_GE(outcome.used, 0.9) << machine.tau << " s, " << machine.full << " degrees";
  }
}

TEST(DutyControllerTest, DoesBetterThanSwitching) {
  double controlled = 0.0, switched = 0.0;
  for (const Machine& machine : kMachines) {
    const Outcome ours = Controlled(machine), theirs = Switched(machine);
    controlled += ours.used;
    switched += theirs.used;
    EXPECT_LT(ours.overshoot, theirs.overshoot) << machine.tau << " s, " << machine.full << " degrees";
  }
  EXPECT_GT(controlled, switched);
}

TEST(DutyControllerTest, AMachineThatStaysCoolIsNotSlowedDown) {
  EXPECT_EQ(Controlled({60, 50}).used, 1.0);
}

TEST(DutyControllerTest, WhatIsUnknownHasNoSay) {
  DutyController controller(kLimits);
  EXPECT_EQ(controller.Update(std::nullopt, 1.0), 1.0);
  EXPECT_EQ(controller.Update(std::nan(""), 1.0), 1.0);
  EXPECT_EQ(controller.Update(std::numeric_limits<double>::infinity(), 1.0), 1.0);
  EXPECT_EQ(controller.Update(-500.0, 1.0), 1.0);
}

TEST(DutyControllerTest, RecoversFromALongHeat) {
  DutyController controller(kLimits);
  for (int i = 0; i < 10000; ++i) controller.Update(110.0, 1.0);
  EXPECT_EQ(controller.Update(110.0, 1.0), 0.0);
  double duty = 0.0;
  for (int i = 0; i < 60; ++i) duty = controller.Update(60.0, 1.0);
  EXPECT_EQ(duty, 1.0);
}

}  // namespace
}  // namespace m2tts
