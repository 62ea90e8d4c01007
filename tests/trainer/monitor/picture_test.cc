#include "trainer/monitor/picture.h"

#include <gtest/gtest.h>
#include <png.h>

#include <set>

namespace m2tts {
namespace {

bool Same(Colour a, Colour b) {
  return a.red == b.red && a.green == b.green && a.blue == b.blue;
}

constexpr Colour kWhite = {255, 255, 255};
constexpr Colour kRed = {200, 10, 20};

// Decoded by libpng's reader.
std::vector<uint8_t> Decode(const std::string& png, int* width, int* height) {
  png_image image = {};
  image.version = PNG_IMAGE_VERSION;
  EXPECT_NE(png_image_begin_read_from_memory(&image, png.data(), png.size()), 0) << image.message;
  image.format = PNG_FORMAT_RGB;
  std::vector<uint8_t> pixels(PNG_IMAGE_SIZE(image));
  EXPECT_NE(png_image_finish_read(&image, nullptr, pixels.data(), 0, nullptr), 0) << image.message;
  *width = static_cast<int>(image.width);
  *height = static_cast<int>(image.height);
  return pixels;
}

TEST(PictureTest, PngHoldsEveryPixel) {
  Picture picture(31, 17, kWhite);
  for (int y = 0; y < 17; ++y) {
    for (int x = 0; x < 31; ++x)
      picture.Fill(x, y, 1, 1, {static_cast<uint8_t>(x * 8), static_cast<uint8_t>(y * 15), 7});
  }
  const auto png = picture.ToPng();
  ASSERT_TRUE(png.ok()) << png.status();
  int width = 0, height = 0;
  const auto pixels = Decode(*png, &width, &height);
  ASSERT_EQ(width, 31);
  ASSERT_EQ(height, 17);
  for (int y = 0; y < 17; ++y) {
    for (int x = 0; x < 31; ++x) {
      const uint8_t* p = &pixels[3 * (y * 31 + x)];
      ASSERT_TRUE(Same({p[0], p[1], p[2]}, picture.at(x, y))) << x << " " << y;
    }
  }
}

TEST(PictureTest, DrawingStaysInside) {
  Picture picture(10, 10, kWhite);
  picture.Fill(-5, -5, 7, 7, kRed);
  picture.Fill(8, 8, 100, 100, kRed);
  picture.Text(-4, 4, "XYZ and more", kRed);
  EXPECT_TRUE(Same(picture.at(1, 1), kRed));
  EXPECT_TRUE(Same(picture.at(2, 2), kWhite));
  EXPECT_TRUE(Same(picture.at(9, 9), kRed));
}

// The letters as dots, so that a wrong digit of the font shows.
std::string Dots(const std::string& text) {
  Picture picture(static_cast<int>(text.size()) * Picture::kGlyphWidth, Picture::kGlyphHeight, kWhite);
  picture.Text(0, 0, text, kRed);
  std::string dots;
  for (int y = 0; y < picture.height(); y += 2) {
    for (int x = 0; x < picture.width(); x += 2) dots += Same(picture.at(x, y), kRed) ? '#' : '.';
    dots += '\n';
  }
  return dots;
}

TEST(PictureTest, LettersAreLegible) {
  EXPECT_EQ(Dots("Aeh-"),
            ".#..###.#.#.....\n"
            "#.#.#...#.#.....\n"
            "###.##..###.###.\n"
            "#.#.#...#.#.....\n"
            "#.#.###.#.#.....\n");
  EXPECT_EQ(Dots("10.2"),
            ".#..###.....##..\n"
            "##..#.#.......#.\n"
            ".#..#.#......#..\n"
            ".#..#.#.....#...\n"
            "###.###..#..###.\n");
  EXPECT_EQ(Dots("~\n"), Dots("  "));
}

TEST(PictureTest, NoLetterOrDigitIsEmptyOrLikeAnother) {
  std::set<std::string> seen;
  for (const char c : std::string("ABCDEFGHIJKLMNPQRSTUVWXYZ0123456789")) {
    EXPECT_TRUE(seen.insert(Dots(std::string(1, c))).second) << c;
  }
  EXPECT_EQ(seen.count(Dots(" ")), 0u);
}

}  // namespace
}  // namespace m2tts
