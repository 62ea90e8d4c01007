// What the tagger of a G2P model sees of a word at one letter: rows of a table of vectors, which it adds up.
//
// The letters around it have a row each for every place; longer strings of letters share hashed rows. Trainer
// and model must agree on this: a change here asks for a new format version.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/text/g2p_format.h"

namespace m2tts::g2p_features {

inline constexpr int kReach = 4;  // letters to either side that have a row of their own
inline constexpr int kOutside = g2p_format::kLetterCount;  // the "letter" before and after a word
inline constexpr size_t kLetterRows = static_cast<size_t>(2 * kReach + 1) * (g2p_format::kLetterCount + 1);

// Strings of letters from first to last, relative to the letter.
struct Window {
  int first;
  int last;
};
inline constexpr std::array<Window, 5> kWindows = {{{-2, 0}, {-1, 1}, {0, 2}, {-2, 1}, {-1, 2}}};
inline constexpr size_t kLettersSeen = 2 * kReach + 1;
inline constexpr size_t kRowsSeen = kLettersSeen + kWindows.size();

// The rows for letter `at` of `letters` (indices, g2p_format::LetterIndex): kLettersSeen in [0, kLetterRows),
// then one for each window in [kLetterRows, kLetterRows + hashed_rows).
inline std::array<uint32_t, kRowsSeen> RowsAt(const uint8_t* letters, size_t length, size_t at,
                                              uint32_t hashed_rows) {
  std::array<uint32_t, kRowsSeen> rows{};
  const auto letter = [&](int offset) {
    const ptrdiff_t place = static_cast<ptrdiff_t>(at) + offset;
    return place < 0 || place >= static_cast<ptrdiff_t>(length) ? kOutside : int{letters[place]};
  };
  size_t n = 0;
  for (int offset = -kReach; offset <= kReach; ++offset, ++n) {
    rows[n] = static_cast<uint32_t>((offset + kReach) * (kOutside + 1) + letter(offset));
  }
  for (size_t w = 0; w < kWindows.size(); ++w, ++n) {
    uint64_t hash = w;
    for (int offset = kWindows[w].first; offset <= kWindows[w].last; ++offset) {
      hash = (hash * 31 + static_cast<uint64_t>(letter(offset)) + 1) * 0x9e3779b97f4a7c15u;
    }
    rows[n] = static_cast<uint32_t>(kLetterRows) + static_cast<uint32_t>((hash >> 32) % hashed_rows);
  }
  return rows;
}

}  // namespace m2tts::g2p_features
