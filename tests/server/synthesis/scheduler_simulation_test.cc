// What the scheduler promises, with many clients in virtual time.
#include <gtest/gtest.h>

#include "tests/server/synthesis/simulator.h"

namespace m2tts {
namespace {

// A window of the greatest size on the simulated device, seconds.
constexpr double kWindow = 192 * 0.01 * 256 / 22050 + 0.0005;

TEST(SchedulerSimulation, SameSeedSameNumbers) {
  Scenario scenario;
  scenario.groups = {{"users", 50, 0.1, 3}};
  const SimulationResult a = Simulation(scenario).Run(), b = Simulation(scenario).Run();
  EXPECT_EQ(a.groups[0].first_audio, b.groups[0].first_audio);
  EXPECT_GT(a.groups[0].finished, 200);
}

TEST(SchedulerSimulation, FirstAudioIsEarlyAlthoughOthersReadBooks) {
  Scenario scenario;
  scenario.groups = {{"book", 20, 0.05, 500}, {"user", 100, 0.02, 1}};
  const SimulationResult result = Simulation(scenario).Run();
  EXPECT_LT(result.groups[1].Quantile(0.99), 5 * kWindow);
}

TEST(SchedulerSimulation, AGreedyClientGetsNoMoreThanAModestOne) {
  Scenario scenario;
  scenario.max_requests = 1000;
  scenario.seconds_per_frame *= 50;  // half as fast as real time: overload
  scenario.groups = {{"greedy", 1, 5.0, 20}, {"modest", 1, 0.2, 20}};
  const SimulationResult result = Simulation(scenario).Run();
  const double greedy = result.groups[0].audio_seconds(), modest = result.groups[1].audio_seconds();
  EXPECT_GT(modest, 0.6 * greedy);
  EXPECT_GT(result.busy, 0.95);
}

TEST(SchedulerSimulation, EqualClientsGetEqualShares) {
  Scenario scenario;
  scenario.max_requests = 10'000;
  scenario.seconds = 300.0;
  scenario.seconds_per_frame *= 20;
  scenario.groups = {{"user", 30, 0.5, 20}};
  const SimulationResult result = Simulation(scenario).Run();
  EXPECT_GT(SimulationResult::Fairness(result.groups[0]), 0.95);
}

TEST(SchedulerSimulation, BulkGoesOnUnderAFloodOfInteractiveRequests) {
  Scenario scenario;
  scenario.max_requests = 20'000;
  scenario.seconds_per_frame *= 20;
  scenario.groups = {{"flood", 100, 1.0, 2, Priority::kInteractive}, {"bulk", 1, 0.05, 50, Priority::kBulk}};
  const SimulationResult result = Simulation(scenario).Run();
  EXPECT_GT(result.groups[1].audio_seconds(), 1.0);
  EXPECT_LT(result.groups[1].longest_wait, 30.0);
  EXPECT_GT(result.groups[0].audio_seconds(), 10 * result.groups[1].audio_seconds());
}

// The flood is all first audio that is due, and the book is not.
TEST(SchedulerSimulation, ABookGoesOnUnderAFloodOfDeadlinesOfItsOwnClient) {
  Scenario scenario;
  scenario.max_requests = 20'000;
  scenario.seconds_per_frame *= 20;
  scenario.groups = {{"flood", 1, 50.0, 2, Priority::kInteractive, 10.0, "app"},
                     {"book", 1, 0.05, 50, Priority::kBulk, 0.0, "app"}};
  const SimulationResult result = Simulation(scenario).Run();
  EXPECT_GT(result.groups[1].audio_seconds(), 4.0);
  EXPECT_LT(result.groups[1].longest_wait, 30.0);
  EXPECT_GT(result.groups[0].audio_seconds(), 2 * result.groups[1].audio_seconds());
}

// One client with as many streams as are admitted, and another that reads a book when there is time.
TEST(SchedulerSimulation, ABookDoesNotDelayTheFirstAudioOfABusyClient) {
  Scenario scenario;
  scenario.max_requests = 31;
  scenario.buffer = 1e6;  // readers that take all at once
  scenario.seconds_per_frame *= 2;
  scenario.groups = {{"app", 1, 20.0, 20, Priority::kInteractive}, {"book", 1, 1.0, 500, Priority::kBulk}};
  const SimulationResult result = Simulation(scenario).Run();
  EXPECT_LT(result.groups[0].Quantile(0.99), 2 * 2 * kWindow);
  EXPECT_GT(result.groups[1].audio_seconds(), 4.0);
}

TEST(SchedulerSimulation, OverloadRefusesAndServesTheRestAsFastAsAtCapacity) {
  Scenario scenario;
  scenario.max_requests = 16;
  scenario.seconds_per_frame *= 10;
  scenario.groups = {{"user", 100, 0.1, 1}};  // near capacity: 10 requests of 3 s a second at a factor of 0.1
  scenario.groups[0].requests_per_second = 0.03;
  const SimulationResult at_capacity = Simulation(scenario).Run();
  scenario.groups[0].requests_per_second = 0.3;
  const SimulationResult overload = Simulation(scenario).Run();
  EXPECT_GT(overload.groups[0].refused, overload.groups[0].arrived / 2);
  EXPECT_GT(overload.groups[0].audio_seconds(), 0.95 * at_capacity.groups[0].audio_seconds());
  EXPECT_EQ(overload.groups[0].missed, 0);
  // The first windows of all that are inside, and a few of the greatest.
  const double first = 24 * scenario.seconds_per_frame, greatest = 192 * scenario.seconds_per_frame;
  EXPECT_LT(overload.groups[0].Quantile(0.99), 16 * first + 4 * greatest);
  EXPECT_LT(overload.groups[0].Quantile(0.99), 1.5 * at_capacity.groups[0].Quantile(0.99) + greatest);
}

TEST(SchedulerSimulation, DeadlinesAreMetWhereThereIsTime) {
  Scenario scenario;
  scenario.seconds_per_frame *= 5;
  scenario.groups = {{"hasty", 20, 0.05, 1, Priority::kNormal, 2.0}, {"patient", 20, 0.02, 5}};
  const SimulationResult result = Simulation(scenario).Run();
  EXPECT_LE(result.groups[0].missed, result.groups[0].arrived / 100);
}

TEST(SchedulerSimulation, TenThousandClientsOnManyDevices) {
  Scenario scenario;
  scenario.devices = 64;
  scenario.seconds = 10.0;
  scenario.max_requests = 20'000;
  scenario.max_batch = 8;
  scenario.groups = {{"user", 10'000, 0.05, 2}};
  const SimulationResult result = Simulation(scenario).Run();
  EXPECT_GT(result.groups[0].finished, 3000);
  EXPECT_EQ(result.groups[0].refused, 0);
  EXPECT_LT(result.groups[0].Quantile(0.99), 5 * kWindow);
}

}  // namespace
}  // namespace m2tts
