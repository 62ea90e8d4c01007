#include "client/bench/load_plan.h"

#include <gtest/gtest.h>

#include <cmath>

namespace m2tts {
namespace {

LoadOptions Options() {
  LoadOptions options;
  options.texts = {"one two three", "four five"};
  return options;
}

TEST(LoadPlanTest, EqualSeedsPlanEqually) {
  LoadOptions options = Options();
  options.rate = 100;
  options.cancel_share = 0.3;
  options.lengths = {5, 20, 100};
  options.encodings = {v1::AUDIO_ENCODING_WAV, v1::AUDIO_ENCODING_MP3};
  LoadPlan a(options), b(options);
  options.seed = 2;
  LoadPlan other(options);
  int different = 0;
  for (int i = 0; i < 100; ++i) {
    const PlannedRequest x = a.Next(), y = b.Next(), z = other.Next();
    EXPECT_EQ(x.request.SerializeAsString(), y.request.SerializeAsString());
    EXPECT_EQ(x.scheduled, y.scheduled);
    EXPECT_EQ(x.cancel_after, y.cancel_after);
    different += x.scheduled != z.scheduled ? 1 : 0;
  }
  EXPECT_EQ(different, 100);
}

TEST(LoadPlanTest, ArrivalsArePoisson) {
  LoadOptions options = Options();
  options.rate = 50.0;
  LoadPlan plan(options);
  // Mean and deviation of the times between arrivals of a Poisson process are both 1 / rate.
  double last = 0.0, sum = 0.0, squares = 0.0;
  constexpr int kCount = 20000;
  for (int i = 0; i < kCount; ++i) {
    const double at = plan.Next().scheduled;
    EXPECT_GE(at, last);
    sum += at - last;
    squares += (at - last) * (at - last);
    last = at;
  }
  const double mean = sum / kCount;
  EXPECT_NEAR(mean, 0.02, 0.001);
  EXPECT_NEAR(std::sqrt(squares / kCount - mean * mean), 0.02, 0.001);
}

TEST(LoadPlanTest, SharesAreKept) {
  LoadOptions options = Options();
  options.cancel_share = 0.1;
  options.invalid_share = 0.05;
  LoadPlan plan(options);
  int cancelled = 0, invalid = 0;
  for (int i = 0; i < 10000; ++i) {
    const PlannedRequest planned = plan.Next();
    cancelled += planned.cancel_after.has_value() ? 1 : 0;
    invalid += planned.invalid ? 1 : 0;
    EXPECT_FALSE(planned.invalid && planned.cancel_after.has_value());
    EXPECT_EQ(planned.scheduled, 0.0) << "a closed loop has no schedule";
  }
  EXPECT_NEAR(cancelled, 1000, 100);
  EXPECT_NEAR(invalid, 500, 80);
}

TEST(LoadPlanTest, TextsAreTakenInTurnOrPutTogether) {
  LoadPlan plan(Options());
  EXPECT_EQ(plan.Next().request.text(), "one two three");
  EXPECT_EQ(plan.Next().request.text(), "four five");
  EXPECT_EQ(plan.Next().request.text(), "one two three");
  const auto texts = Options().texts;
  EXPECT_EQ(TextOfLength(texts, 0, 9), "one two");
  EXPECT_EQ(TextOfLength(texts, 1, 14), "four five one");
  EXPECT_EQ(TextOfLength(texts, 0, 1), "one") << "at least a word";
  const std::string text = TextOfLength(texts, 0, 5000);
  EXPECT_LE(text.size(), 5000u);
  EXPECT_GT(text.size(), 4980u);
}

}  // namespace
}  // namespace m2tts
