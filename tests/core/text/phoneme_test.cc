#include "core/text/phoneme.h"

#include <gtest/gtest.h>

#include "core/text/arpabet.h"

namespace m2tts {
namespace {

TEST(PhonemeTest, IdsAreFixed) {
  EXPECT_EQ(kPhonemeCount, 50);
  EXPECT_EQ(PhonemeFromSymbol("AA"), 8);
  EXPECT_EQ(PhonemeFromSymbol("AX"), 13);
  EXPECT_EQ(PhonemeFromSymbol("HH"), 25);
  EXPECT_EQ(PhonemeFromSymbol("ZH"), 49);
  EXPECT_EQ(PhonemeFromSymbol("|"), kWordBoundary);
}

TEST(PhonemeTest, SymbolsRoundTripInOrder) {
  for (int id = 0; id < kPhonemeCount; ++id) {
    const auto symbol = PhonemeSymbol(static_cast<PhonemeId>(id));
    ASSERT_FALSE(symbol.empty());
    EXPECT_EQ(PhonemeFromSymbol(symbol), static_cast<PhonemeId>(id));
    if (id > kSpecialCount) {
      EXPECT_LT(PhonemeSymbol(static_cast<PhonemeId>(id - 1)), symbol);
    }
  }
  EXPECT_TRUE(PhonemeSymbol(50).empty());
  EXPECT_FALSE(PhonemeFromSymbol("QQ"));
  EXPECT_FALSE(PhonemeFromSymbol(""));
}

TEST(PhonemeTest, Classes) {
  int vowels = 0;
  for (int id = 0; id < 256; ++id) vowels += IsVowel(static_cast<PhonemeId>(id)) ? 1 : 0;
  EXPECT_EQ(vowels, 18);  // 15 full and 3 reduced
  EXPECT_TRUE(IsSpecial(kExclamation));
  EXPECT_FALSE(IsSpecial(8));
}

TEST(ArpabetTest, ReducesUnstressedVowels) {
  const auto reads = [](const char* text) {
    std::string out;
    const Pronunciation parsed = ParseArpabet(text).value();
    for (const StressedPhoneme p : parsed) AppendArpabet(p, &out);
    return out;
  };
  EXPECT_EQ(reads("AH0 ER0 IH0"), "AH0ER0IH0");
  EXPECT_EQ(reads("AH1 ER2 IH1 EH0"), "AH1ER2IH1EH0");
  EXPECT_EQ(reads("AX B"), "AH0B");
}

TEST(ArpabetTest, RefusesNonsense) {
  for (const char* bad : {"", "  ", "AH", "AH3", "B1", "QQ1", "ah0", "HH,AH0", "|", "1"}) {
    EXPECT_EQ(ParseArpabet(bad).status().code(), StatusCode::kInvalidArgument) << bad;
  }
}

}  // namespace
}  // namespace m2tts
