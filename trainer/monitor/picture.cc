#include "trainer/monitor/picture.h"

#include <png.h>

#include <algorithm>
#include <cctype>

namespace m2tts {
namespace {

constexpr int kFontScale = 2;

// Letters of 3 x 5: one octal digit per row, from the top, its highest bit on the left.
constexpr uint16_t kLetters[] = {
    025755, 065656, 034443, 065556, 074647, 074644, 034553, 055755, 072227,  // A-I
    011152, 055655, 044447, 057755, 065555, 025552, 065644, 025563, 065655,  // J-R
    034216, 072222, 055557, 055552, 055775, 055255, 055222, 071247};         // S-Z
constexpr uint16_t kDigits[] = {075557, 026227, 061247, 061216, 055711,
                                074616, 034757, 071222, 075757, 075716};

uint16_t Glyph(char c) {
  const int capital = std::toupper(static_cast<unsigned char>(c));
  if (capital >= 'A' && capital <= 'Z') return kLetters[capital - 'A'];
  if (c >= '0' && c <= '9') return kDigits[c - '0'];
  switch (c) {
    case '.':
      return 000002;
    case '-':
      return 000700;
    case ':':
      return 002020;
    case '/':
      return 011244;
    case '_':
      return 000007;
    default:
      return 0;
  }
}

}  // namespace

Picture::Picture(int width, int height, Colour background)
    : width_(width), height_(height), rgb_(static_cast<size_t>(width) * height * 3) {
  Fill(0, 0, width, height, background);
}

Colour Picture::at(int x, int y) const {
  const uint8_t* pixel = &rgb_[3 * (static_cast<size_t>(y) * width_ + x)];
  return {pixel[0], pixel[1], pixel[2]};
}

void Picture::Fill(int x, int y, int width, int height, Colour colour) {
  const int right = std::min(width_, x + width), bottom = std::min(height_, y + height);
  for (int row = std::max(0, y); row < bottom; ++row) {
    for (int column = std::max(0, x); column < right; ++column) {
      uint8_t* pixel = &rgb_[3 * (static_cast<size_t>(row) * width_ + column)];
      pixel[0] = colour.red;
      pixel[1] = colour.green;
      pixel[2] = colour.blue;
    }
  }
}

void Picture::Text(int x, int y, std::string_view text, Colour colour) {
  for (const char c : text) {
    const uint16_t glyph = Glyph(c);
    for (int bit = 0; bit < 15; ++bit) {
      if ((glyph >> (14 - bit) & 1) == 0) continue;
      Fill(x + bit % 3 * kFontScale, y + bit / 3 * kFontScale, kFontScale, kFontScale, colour);
    }
    x += kGlyphWidth;
  }
}

StatusOr<std::string> Picture::ToPng() const {
  png_image image = {};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(width_);
  image.height = static_cast<png_uint_32>(height_);
  image.format = PNG_FORMAT_RGB;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::string png(size, '\0');
  if (png_image_write_to_memory(&image, png.data(), &size, 0, rgb_.data(), 0, nullptr) == 0) {
    return Internal("picture of {} x {}: libpng: {}", width_, height_, image.message);
  }
  png.resize(size);
  return png;
}

}  // namespace m2tts
