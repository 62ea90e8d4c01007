#include "trainer/monitor/heat_map.h"

#include <gtest/gtest.h>

#include <cmath>

namespace m2tts {
namespace {

bool SameCell(Colour a, Colour b) {
  return a.red == b.red && a.green == b.green && a.blue == b.blue;
}

TEST(ViridisTest, IsTheKnownMap) {
  EXPECT_TRUE(SameCell(Viridis(0), {68, 1, 84}));
  EXPECT_TRUE(SameCell(Viridis(0.5f), {33, 144, 141}));
  EXPECT_TRUE(SameCell(Viridis(1), {253, 231, 37}));
  EXPECT_TRUE(SameCell(Viridis(-3), Viridis(0)));
  EXPECT_TRUE(SameCell(Viridis(7), Viridis(1)));
}

TEST(ViridisTest, BrightnessRises) {
  const auto brightness = [](Colour c) { return 0.2126 * c.red + 0.7152 * c.green + 0.0722 * c.blue; };
  for (int i = 1; i <= 64; ++i) {
    EXPECT_GT(brightness(Viridis(i / 64.0f)), brightness(Viridis((i - 1) / 64.0f))) << i;
  }
}

TEST(HeatMapTest, RowZeroIsAtTheBottomAndColumnsGoRight) {
  HeatMap map;
  map.rows = 2;
  map.columns = 3;
  map.values = {0, 0, 0, 0, 1, 0};  // the last column's row 0
  map.cell_width = map.cell_height = 10;
  const Picture picture = DrawHeatMaps({map});
  int left = -1, bottom = -1;
  for (int y = 0; y < picture.height(); ++y) {
    for (int x = 0; x < picture.width(); ++x) {
      if (!SameCell(picture.at(x, y), Viridis(0))) continue;
      if (left < 0) left = x;
      bottom = y;
    }
  }
  ASSERT_GE(left, 0);
  EXPECT_TRUE(SameCell(picture.at(left + 25, bottom - 5), Viridis(1)));
  EXPECT_TRUE(SameCell(picture.at(left + 25, bottom - 15), Viridis(0)));
  EXPECT_TRUE(SameCell(picture.at(left + 15, bottom - 5), Viridis(0)));
}

TEST(HeatMapTest, PathAndUnknownValuesShow) {
  HeatMap map;
  map.rows = 4;
  map.columns = 4;
  map.values.assign(16, 0.0f);
  map.values[5] = std::nanf("");
  map.cell_width = map.cell_height = 6;
  map.path = {0, 1, 1, 3};
  const Picture picture = DrawHeatMaps({map});
  int path = 0, unknown = 0;
  for (int y = 0; y < picture.height(); ++y) {
    for (int x = 0; x < picture.width(); ++x) {
      path += SameCell(picture.at(x, y), {255, 80, 80}) ? 1 : 0;
      unknown += SameCell(picture.at(x, y), {128, 128, 128}) ? 1 : 0;
    }
  }
  EXPECT_GE(path, 4 * 6 + 6 + 12);
  EXPECT_GT(unknown, 20);
}

TEST(HeatMapTest, PanelsStandBelowEachOther) {
  HeatMap map;
  map.title = "TRUE";
  map.rows = 5;
  map.columns = 100;
  map.values.assign(500, 0.5f);
  map.x_ticks = TimeTicks(100, 86.1);
  map.y_ticks = {{0, "0"}, {4, "11k"}};
  const int one = DrawHeatMaps({map}).height(), two = DrawHeatMaps({map, map}).height();
  EXPECT_GT(two, one + 5 * 3);
  EXPECT_EQ(DrawHeatMaps({map, map}).width(), DrawHeatMaps({map}).width());
  EXPECT_GT(DrawHeatMaps({}).width(), 0);
}

TEST(TimeTicksTest, AreRoundAndFew) {
  const auto ticks = TimeTicks(172, 86.0);
  ASSERT_EQ(ticks.size(), 4u);
  EXPECT_EQ(ticks[1].label, "0.5s");
  EXPECT_NEAR(ticks[3].position, 129.0, 1e-9);
  EXPECT_EQ(TimeTicks(86 * 30, 86.0)[1].label, "5s");
  EXPECT_TRUE(TimeTicks(0, 86.0).empty());
  EXPECT_LT(TimeTicks(86 * 500, 86.0).size(), 14u);
}

}  // namespace
}  // namespace m2tts
