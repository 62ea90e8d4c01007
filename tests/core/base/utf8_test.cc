#include "core/base/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace m2tts {
namespace {

const std::string kMixed = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z";  // of 1, 2, 3, 4 and 1 bytes

TEST(Utf8Test, CountsCharacters) {
  EXPECT_EQ(CountCharacters(""), 0u);
  EXPECT_EQ(CountCharacters("abc"), 3u);
  EXPECT_EQ(CountCharacters(kMixed), 5u);
}

TEST(Utf8Test, CutsBetweenCharacters) {
  const size_t expected[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11};
  ASSERT_EQ(kMixed.size() + 1, std::size(expected));
  for (size_t cut = 0; cut <= kMixed.size(); ++cut) {
    EXPECT_EQ(CutBetweenCharacters(kMixed, cut), expected[cut]) << cut;
  }
  EXPECT_EQ(CutBetweenCharacters("abc", 99), 99u) << "there is nothing to cut";
  EXPECT_EQ(CutBetweenCharacters("\x80\x80\x80", 2), 0u) << "no text at all, and no end of it";
}

TEST(Utf8Test, FindsTheEndOfACharacter) {
  const size_t expected[] = {0, 1, 3, 3, 6, 6, 6, 10, 10, 10, 10, 11};
  for (size_t at = 0; at <= kMixed.size(); ++at) EXPECT_EQ(EndOfCharacter(kMixed, at), expected[at]) << at;
  EXPECT_EQ(EndOfCharacter("\x80\x80", 0), 2u);
}

}  // namespace
}  // namespace m2tts
