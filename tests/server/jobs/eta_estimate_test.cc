#include "server/jobs/eta_estimate.h"

#include <gtest/gtest.h>

#include <limits>

namespace m2tts {
namespace {

// A worker whose steps take 0.1 s; the clock is the test's.
class EtaEstimateTest : public testing::Test {
 protected:
  double Tell(int64_t step, double share = 0.0, const std::string& stage = "acoustic") {
    worker::v1::Progress progress;
    progress.set_stage(stage);
    progress.set_step(step);
    progress.set_total_steps(1000);
    progress.set_seconds_per_step(0.1);
    progress.set_device_share(share);
    return eta_.Observe(progress, EtaEstimate::Time(std::chrono::milliseconds(now_ms_)));
  }
  void Pass(double seconds) { now_ms_ += static_cast<int64_t>(1000 * seconds); }
  // For `seconds`, a message a second with `steps` steps each; the last answer.
  double Run(int seconds, int64_t steps) {
    double eta = 0.0;
    for (int i = 0; i < seconds; ++i) {
      Pass(1.0);
      eta = Tell(step_ += steps);
    }
    return eta;
  }

  EtaEstimate eta_;
  int64_t now_ms_ = 0, step_ = 0;
};

TEST_F(EtaEstimateTest, AloneItIsStepsTimesSeconds) {
  EXPECT_NEAR(Tell(0), 100.0, 1e-9);
  EXPECT_NEAR(Run(10, 10), 90.0, 1e-6);
  EXPECT_EQ(Tell(1000), 0.0);
}

TEST_F(EtaEstimateTest, BesideRequestsItIsAsMuchLonger) {
  Tell(0, 1.0);
  // Two steps a second: a fifth of the time.
  EXPECT_NEAR(Run(300, 2), 0.1 * 400 / 0.2, 20.0);
}

TEST_F(EtaEstimateTest, FollowsThePaceOfLate) {
  Tell(0, 1.0);
  Run(200, 2);
  EXPECT_NEAR(Run(50, 10), 0.1 * 100 / 0.65, 1.0) << "half of the way after most of a minute";
}

TEST_F(EtaEstimateTest, BeginsWithWhatTheWorkerKnows) {
  EXPECT_NEAR(Tell(0, 0.25), 400.0, 1e-9);
}

TEST_F(EtaEstimateTest, PausesDoNotCount) {
  Tell(0);
  Run(60, 10);
  eta_.Pause();
  Pass(8 * 3600);
  EXPECT_NEAR(Tell(step_ += 1), 0.1 * 399, 1e-6);
  Pass(8 * 3600);  // and this was none
  EXPECT_NEAR(Tell(step_ += 1), 0.1 * 398 / 0.01, 1e-6);
}

TEST_F(EtaEstimateTest, AnotherStageBeginsAnew) {
  Tell(0, 0.1);
  Pass(10.0);
  EXPECT_NEAR(Tell(0, 0.0, "vocoder"), 100.0, 1e-9);
}

TEST_F(EtaEstimateTest, AnyFiguresGiveSomeTime) {
  const double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  const int64_t least = std::numeric_limits<int64_t>::min(), most = std::numeric_limits<int64_t>::max();
  for (const double figure : {0.0, -1.0, 1e300, inf, -inf, nan}) {
    for (const int64_t step : {least, int64_t{0}, most}) {
      for (const int64_t total : {least, int64_t{0}, most}) {
        worker::v1::Progress progress;
        progress.set_step(step);
        progress.set_total_steps(total);
        progress.set_seconds_per_step(figure);
        progress.set_device_share(figure);
        Pass(1.0);
        const double eta = eta_.Observe(progress, EtaEstimate::Time(std::chrono::milliseconds(now_ms_)));
        EXPECT_TRUE(eta >= 0.0 && eta <= 1e9) << eta;
      }
    }
  }
}

}  // namespace
}  // namespace m2tts
