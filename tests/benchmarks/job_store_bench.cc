// The job store with 100 000 finished jobs: each call stays under 10 ms, or the program exits with 1.
//
//   build/release/tests/benchmarks/job_store_bench [--no-goals]
#include <SQLiteCpp/SQLiteCpp.h>
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "server/jobs/job_board.h"

namespace m2tts {
namespace {

constexpr int kJobs = 100'000;

// A board over a store that holds so many jobs, made once.
class FullBoard {
 public:
  FullBoard() {
    std::string name = (std::filesystem::temp_directory_path() / "m2tts_bench.XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    folder_ = name;
    const auto file = folder_ / "jobs.sqlite";
    {
      auto first = *JobBoard::Open(*JobStore::Open(file));
      v1::JobSpec spec;
      spec.set_config_yaml(std::string(2000, 'c'));
      if (!first->Submit("job0", spec, 0, {}).ok() || !first->Cancel("job0").ok()) std::abort();
    }
    SQLite::Database database(file.string(), SQLite::OPEN_READWRITE);
    SQLite::Transaction transaction(database);
    database.exec("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
                  std::to_string(kJobs) +
                  ") INSERT INTO jobs(id, state, end_time, spec, record) SELECT 'job' || i, state, end_time, "
                  "spec, record "
                  "FROM n, jobs WHERE number = 1");
    database.exec(
        "INSERT INTO events(job, sequence, kind, body) SELECT jobs.number, events.sequence, kind, body "
        "FROM jobs, events WHERE events.job = 1 AND jobs.number > 1");
    database.exec(
        "INSERT INTO configs(job, body) SELECT number, body FROM jobs, configs "
        "WHERE configs.job = 1 AND number > 1");
    transaction.commit();
    board_ = *JobBoard::Open(*JobStore::Open(file));
  }
  ~FullBoard() {
    board_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  JobBoard& board() { return *board_; }

 private:
  std::filesystem::path folder_;
  std::unique_ptr<JobBoard> board_;
};

JobBoard& Board() {
  static FullBoard full;
  return full.board();
}

void ListNewest(benchmark::State& state) {
  JobBoard& board = Board();  // filling it does not count
  for (auto _ : state) benchmark::DoNotOptimize(board.List({}, 0, 100));
}
void ListDeepPage(benchmark::State& state) {
  JobBoard& board = Board();  // filling it does not count
  for (auto _ : state) benchmark::DoNotOptimize(board.List({}, kJobs / 2, 100));
}
void ListRareState(benchmark::State& state) {
  JobBoard& board = Board();  // filling it does not count
  for (auto _ : state) benchmark::DoNotOptimize(board.List({v1::JOB_STATE_FAILED}, 0, 100));
}
void Get(benchmark::State& state) {
  JobBoard& board = Board();  // filling it does not count
  for (auto _ : state) benchmark::DoNotOptimize(board.Get("job50000"));
}
void Submit(benchmark::State& state) {
  JobBoard& board = Board();  // filling it does not count
  static int count = 0;
  v1::JobSpec spec;
  spec.set_config_yaml(std::string(2000, 'c'));
  for (auto _ : state) {
    const std::string id = "new" + std::to_string(++count);
    benchmark::DoNotOptimize(board.Submit(id, spec, 0, {}));
    state.PauseTiming();
    (void)board.Cancel(id);
    state.ResumeTiming();
  }
}
void Counts(benchmark::State& state) {
  JobBoard& board = Board();  // filling it does not count
  for (auto _ : state) benchmark::DoNotOptimize(board.store().Counts());
}

BENCHMARK(ListNewest)->Unit(benchmark::kMillisecond);
BENCHMARK(ListDeepPage)->Unit(benchmark::kMillisecond);
BENCHMARK(ListRareState)->Unit(benchmark::kMillisecond);
BENCHMARK(Get)->Unit(benchmark::kMillisecond);
BENCHMARK(Submit)->Unit(benchmark::kMillisecond);
BENCHMARK(Counts)->Unit(benchmark::kMillisecond);

constexpr double kMaxMilliseconds = 10.0;

// Prints as ever, and remembers what took too long.
class GoalReporter : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    benchmark::ConsoleReporter::ReportRuns(runs);
    for (const Run& run : runs) {
      if (!(run.GetAdjustedRealTime() < kMaxMilliseconds)) missed_.push_back(run.benchmark_name());
    }
  }
  const std::vector<std::string>& missed() const { return missed_; }

 private:
  std::vector<std::string> missed_;
};

}  // namespace
}  // namespace m2tts

int main(int argc, char** argv) {
  char** const end = std::remove_if(argv + 1, argv + argc,
                                    [](const char* word) { return std::string_view(word) == "--no-goals"; });
  const bool goals = end == argv + argc;
  argc = static_cast<int>(end - argv);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 64;
  m2tts::GoalReporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  for (const std::string& name : reporter.missed()) {
    fmt::print("MISSED: {} takes {:g} ms or more\n", name, m2tts::kMaxMilliseconds);
  }
  return goals && !reporter.missed().empty() ? 1 : 0;
}
