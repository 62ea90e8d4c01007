#include "trainer/monitor/heat_map.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace m2tts {
namespace {

constexpr Colour kPaper = {255, 255, 255};
constexpr Colour kInk = {60, 60, 60};
constexpr Colour kUnknown = {128, 128, 128};
constexpr Colour kPath = {255, 80, 80};
constexpr int kMargin = 6;
constexpr int kTickLength = 4;
constexpr int kLineHeight = Picture::kGlyphHeight + 4;

constexpr Colour kViridis[] = {{68, 1, 84},    {71, 44, 122}, {59, 81, 139},  {44, 113, 142}, {33, 144, 141},
                               {39, 173, 129}, {92, 200, 99}, {170, 220, 50}, {253, 231, 37}};
constexpr int kLastAnchor = sizeof(kViridis) / sizeof(kViridis[0]) - 1;

int TextWidth(const std::string& text) {
  return static_cast<int>(text.size()) * Picture::kGlyphWidth;
}

// Room for the longest label of the y axis and its tick.
int LabelWidth(const std::vector<HeatMap>& maps) {
  int width = 0;
  for (const HeatMap& map : maps) {
    for (const Tick& tick : map.y_ticks) width = std::max(width, TextWidth(tick.label));
  }
  return width + kTickLength + 2;
}

int PanelHeight(const HeatMap& map) {
  return kLineHeight + map.rows * map.cell_height + kTickLength + kLineHeight + kMargin;
}

class Panel {
 public:
  // (left, top): the corner of the matrix.
  Panel(const HeatMap& map, int left, int top, Picture* picture)
      : map_(map), left_(left), top_(top), bottom_(top + map.rows * map.cell_height), picture_(picture) {}

  void Draw() {
    picture_->Text(left_, top_ - kLineHeight, map_.title, kInk);
    Cells();
    Path();
    XTicks();
    YTicks();
  }

 private:
  void Cells() {
    for (int column = 0; column < map_.columns; ++column) {
      for (int row = 0; row < map_.rows; ++row) {
        const float value = map_.values[static_cast<size_t>(column) * map_.rows + row];
        const Colour colour =
            std::isnan(value) ? kUnknown : Viridis((value - map_.low) / (map_.high - map_.low));
        Cell(column, row, colour);
      }
    }
  }

  void Path() {
    for (int column = 0; column < static_cast<int>(map_.path.size()); ++column) {
      const int row = map_.path[column];
      const int middle = bottom_ - row * map_.cell_height - (map_.cell_height + 1) / 2;
      picture_->Fill(left_ + column * map_.cell_width, middle, map_.cell_width, 1, kPath);
      if (column == 0 || map_.path[column - 1] == row) continue;
      const int before = bottom_ - map_.path[column - 1] * map_.cell_height - (map_.cell_height + 1) / 2;
      picture_->Fill(left_ + column * map_.cell_width, std::min(before, middle), 1,
                     std::abs(before - middle) + 1, kPath);
    }
  }

  void XTicks() {
    int free_from = left_ - Picture::kGlyphWidth;
    for (const Tick& tick : map_.x_ticks) {
      const int x = left_ + static_cast<int>(std::lround(tick.position * map_.cell_width));
      picture_->Fill(x, bottom_, 1, kTickLength, kInk);
      if (x < free_from) continue;
      picture_->Text(x, bottom_ + kTickLength + 1, tick.label, kInk);
      free_from = x + TextWidth(tick.label) + Picture::kGlyphWidth;
    }
  }

  void YTicks() {
    int free_below = bottom_ + kLineHeight;
    for (const Tick& tick : map_.y_ticks) {
      const int y = bottom_ - static_cast<int>(std::lround((tick.position + 0.5) * map_.cell_height));
      picture_->Fill(left_ - kTickLength, y, kTickLength, 1, kInk);
      if (y > free_below - Picture::kGlyphHeight - 1) continue;
      picture_->Text(left_ - kTickLength - 2 - TextWidth(tick.label), y - Picture::kGlyphHeight / 2,
                     tick.label, kInk);
      free_below = y;
    }
  }

  void Cell(int column, int row, Colour colour) {
    picture_->Fill(left_ + column * map_.cell_width, bottom_ - (row + 1) * map_.cell_height, map_.cell_width,
                   map_.cell_height, colour);
  }

  const HeatMap& map_;
  const int left_;
  const int top_;
  const int bottom_;
  Picture* const picture_;
};

}  // namespace

Colour Viridis(float share) {
  const float place = std::clamp(share, 0.0f, 1.0f) * kLastAnchor;
  const int below = std::min(static_cast<int>(place), kLastAnchor - 1);
  const float part = place - static_cast<float>(below);
  const auto mix = [&](uint8_t Colour::*channel) {
    const float from = kViridis[below].*channel, to = kViridis[below + 1].*channel;
    return static_cast<uint8_t>(std::lround(from + (to - from) * part));
  };
  return {mix(&Colour::red), mix(&Colour::green), mix(&Colour::blue)};
}

std::vector<Tick> TimeTicks(int frames, double frames_per_second) {
  constexpr int kMostTicks = 12;
  const double seconds = frames / frames_per_second;
  double step = 0.5;
  for (const double factor : {2.0, 2.0, 2.5, 2.0, 2.0, 2.5}) {  // 1, 2, 5, 10, 20, 50 s
    if (seconds / step <= kMostTicks) break;
    step *= factor;
  }
  std::vector<Tick> ticks;
  for (int i = 0; i * step < seconds; ++i) {
    ticks.push_back({i * step * frames_per_second, fmt::format("{:g}s", i * step)});
  }
  return ticks;
}

Picture DrawHeatMaps(const std::vector<HeatMap>& maps) {
  const int left = kMargin + LabelWidth(maps);
  int width = 0, height = kMargin;
  for (const HeatMap& map : maps) {
    width = std::max({width, map.columns * map.cell_width, TextWidth(map.title)});
    height += PanelHeight(map);
  }
  Picture picture(left + width + kMargin, height, kPaper);
  int top = kMargin + kLineHeight;
  for (const HeatMap& map : maps) {
    Panel(map, left, top, &picture).Draw();
    top += PanelHeight(map);
  }
  return picture;
}

}  // namespace m2tts
