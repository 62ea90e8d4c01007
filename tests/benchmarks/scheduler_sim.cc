// Prints how the scheduler shares devices out in scenarios larger than this machine; virtual time,
// seeded, so the table is the same everywhere. Run by `make bench`.
#include <fmt/format.h>

#include <cstdio>

#include "tests/server/synthesis/simulator.h"

int main() {
  using namespace m2tts;
  std::vector<Scenario> scenarios(7);
  scenarios[0].name = "20 % load, 1 device";
  scenarios[0].groups = {{"users", 100, 0.07, 1}};
  scenarios[1].name = "books and users";
  scenarios[1].groups = {{"books", 20, 0.05, 500, Priority::kBulk},
                         {"users", 100, 0.02, 1, Priority::kInteractive}};
  scenarios[2].name = "10 x capacity";
  scenarios[2].groups = {{"users", 1000, 0.35, 1}};
  scenarios[3].name = "one greedy client";
  scenarios[3].groups = {{"greedy", 1, 100.0, 5}, {"others", 50, 0.3, 5}};
  scenarios[4].name = "10 000 clients, 64 devices";
  scenarios[4].groups = {{"users", 10'000, 0.1, 2}};
  scenarios[4].devices = 64;
  scenarios[4].max_batch = 8;
  scenarios[4].max_requests = 4096;
  scenarios[4].seconds = 10.0;
  scenarios[5].name = "one busy app, one book";
  scenarios[5].groups = {{"app", 1, 20.0, 20, Priority::kInteractive},
                         {"book", 1, 1.0, 500, Priority::kBulk}};
  scenarios[5].buffer = 1e6;
  scenarios[5].seconds_per_frame *= 2;
  scenarios[6].name = "users in time, books";
  scenarios[6].groups = {{"books", 5, 1.0, 500, Priority::kBulk},
                         {"users", 50, 1.0, 1, Priority::kInteractive, 3.0}};
  scenarios[6].seconds_per_frame *= 2;
  fmt::print("{:<28} {:<8} {:>8} {:>8} {:>7} {:>10} {:>10} {:>9} {:>9} {:>6} {:>6}\n", "scenario", "clients",
             "arrived", "refused", "missed", "ttfa p50", "ttfa p99", "audio s", "fairness", "busy", "batch");
  for (const Scenario& scenario : scenarios) {
    const SimulationResult result = Simulation(scenario).Run();
    for (const GroupResult& group : result.groups) {
      fmt::print(
          "{:<28} {:<8} {:>8} {:>8} {:>7} {:>7.1f} ms {:>7.1f} ms {:>9.0f} {:>9.3f} {:>6.2f} {:>6.2f}\n",
          scenario.name, group.name, group.arrived, group.refused, group.missed, 1e3 * group.Quantile(0.5),
          1e3 * group.Quantile(0.99), group.audio_seconds(), SimulationResult::Fairness(group), result.busy,
          result.mean_batch);
    }
  }
}
