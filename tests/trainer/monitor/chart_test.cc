#include "trainer/monitor/chart.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/trainer/monitor/markup_check.h"

namespace m2tts {
namespace {

Curve Line(int64_t count, double from, double to) {
  Curve curve{"loss", {}};
  for (int64_t i = 0; i < count; ++i) {
    curve.points.emplace_back(i * 20,
                              from + (to - from) * static_cast<double>(i) / std::max<int64_t>(1, count - 1));
  }
  return curve;
}

std::string Draw(const Curve& curve, bool dots = false) {
  return DrawChart("loss", {{&curve, "training", "train", dots}});
}

TEST(ChartTest, IsWellFormedAndTellsTheLastValue) {
  const std::string svg = Draw(Line(50, 2.0, 1.25));
  EXPECT_EQ(MarkupErrors(svg), "");
  EXPECT_NE(svg.find("training 1.25"), std::string::npos);
  EXPECT_EQ(svg.find("log</tspan>"), std::string::npos);
}

TEST(ChartTest, LogarithmicOnlyWhereItHelps) {
  EXPECT_NE(Draw(Line(50, 100.0, 0.5)).find("log</tspan>"), std::string::npos);
  EXPECT_EQ(Draw(Line(50, 100.0, -0.5)).find("log</tspan>"), std::string::npos);
  EXPECT_EQ(Draw(Line(50, 3.0, 2.0)).find("log</tspan>"), std::string::npos);
}

TEST(ChartTest, ManyPointsAreThinned) {
  EXPECT_LT(Draw(Line(100000, 5.0, 1.0)).size(), 12000u);
}

TEST(ChartTest, DotsTellTheirValue) {
  const std::string svg = Draw(Line(3, 3.0, 2.0), true);
  EXPECT_NE(svg.find("training 2.5 at step 20</title>"), std::string::npos);
  EXPECT_EQ(MarkupErrors(svg), "");
}

TEST(ChartTest, OddValuesStayInTheFrame) {
  for (const Curve& curve : {Line(1, 5, 5), Line(2, 0, 0), Line(3, -1e-12, -1e-12), Line(4, 1e300, -1e300),
                             Line(9, 1e-300, 1e-3), Line(5, 1e15, 1e15 + 1), Line(2, 1e-300, 1e300)}) {
    const std::string svg = Draw(curve);
    EXPECT_EQ(MarkupErrors(svg), "");
    EXPECT_EQ(svg.find("nan"), std::string::npos) << svg;
    EXPECT_EQ(svg.find("inf"), std::string::npos) << svg;
    EXPECT_LT(svg.size(), 20000u);
  }
  const Curve empty{"loss", {}};
  EXPECT_EQ(Draw(empty), "");
}

// Where one more or less is no other double.
TEST(ChartTest, HugeStepsEnd) {
  const int64_t far = int64_t{1} << 60;
  for (const Curve& curve : {Curve{"loss", {{far, 1.0}}}, Curve{"loss", {{far, 1.0}, {far + 1, 2.0}}},
                             Curve{"loss", {{0, 1.0}, {far, 2.0}}}}) {
    const std::string svg = Draw(curve);
    EXPECT_EQ(MarkupErrors(svg), "");
    EXPECT_LT(svg.size(), 20000u);
  }
}

TEST(ChartTest, ZeroHasNoSign) {
  for (const auto& [from, to] : {std::pair(-3.0, 3.0), std::pair(-0.4, 5.0), std::pair(-1.0, 0.0)}) {
    const std::string svg = Draw(Line(5, from, to));
    EXPECT_NE(svg.find(">0</text>"), std::string::npos) << svg;
    EXPECT_EQ(svg.find(">-0</text>"), std::string::npos) << svg;
  }
}

TEST(EscapeHtmlTest, LeavesNoMarkup) {
  EXPECT_EQ(EscapeHtml("<a href='x'>&\"</a>"), "&lt;a href=&#39;x&#39;&gt;&amp;&quot;&lt;/a&gt;");
}

}  // namespace
}  // namespace m2tts
