// A small RGB raster with letters, and PNG.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"

namespace m2tts {

struct Colour {
  uint8_t red = 0, green = 0, blue = 0;
};

// Origin at the top left. Whatever is drawn outside is cut off.
class Picture {
 public:
  static constexpr int kGlyphWidth = 8;  // of a letter with its gap
  static constexpr int kGlyphHeight = 10;

  Picture() = default;
  Picture(int width, int height, Colour background);

  int width() const { return width_; }
  int height() const { return height_; }
  Colour at(int x, int y) const;

  void Fill(int x, int y, int width, int height, Colour colour);
  // Letters (as capitals), digits and - . : / _; anything else is a gap. (x, y) is the top left.
  void Text(int x, int y, std::string_view text, Colour colour);

  // INTERNAL when libpng refuses.
  StatusOr<std::string> ToPng() const;

 private:
  int width_ = 0;
  int height_ = 0;
  std::vector<uint8_t> rgb_;  // [height][width][3]
};

}  // namespace m2tts
