#include "core/text/number_words.h"

#include <gtest/gtest.h>

namespace m2tts {
namespace {

std::string Join(const WordList& words) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += ' ';
    text += word;
  }
  return text;
}

std::string Cardinal(const std::string& digits, bool say_and = false) {
  WordList words;
  AppendCardinal(digits, &words, say_and);
  return Join(words);
}

std::string Ordinal(const std::string& digits) {
  WordList words;
  AppendOrdinal(digits, &words);
  return Join(words);
}

std::string Year(const std::string& digits) {
  WordList words;
  AppendYear(digits, &words);
  return Join(words);
}

TEST(NumberWordsTest, CardinalsOfEverySize) {
  EXPECT_EQ(Cardinal("0"), "zero");
  EXPECT_EQ(Cardinal("000"), "zero");
  EXPECT_EQ(Cardinal("0042"), "forty two");
  EXPECT_EQ(Cardinal("1000000"), "one million");
  EXPECT_EQ(Cardinal("1000001"), "one million one");
  EXPECT_EQ(Cardinal("1" + std::string(63, '0')), "one vigintillion");
}

TEST(NumberWordsTest, TheLongestCountHasSixtySixDigits) {
  EXPECT_EQ(Cardinal(std::string(66, '9')).substr(0, 37), "nine hundred ninety nine vigintillion");
  const std::string longer = Cardinal(std::string(67, '9'));
  EXPECT_EQ(longer.substr(0, 14), "nine nine nine");
  EXPECT_EQ(longer.size(), 67 * 5 - 1);
}

TEST(NumberWordsTest, AndStandsBeforeTheLastPart) {
  EXPECT_EQ(Cardinal("105", true), "one hundred and five");
  EXPECT_EQ(Cardinal("100", true), "one hundred");
  EXPECT_EQ(Cardinal("1005", true), "one thousand and five");
  EXPECT_EQ(Cardinal("1205", true), "one thousand two hundred and five");
  EXPECT_EQ(Cardinal("101101", true), "one hundred and one thousand one hundred and one");
  EXPECT_EQ(Cardinal("42", true), "forty two");
}

TEST(NumberWordsTest, Ordinals) {
  EXPECT_EQ(Ordinal("0"), "zeroth");
  EXPECT_EQ(Ordinal("1"), "first");
  EXPECT_EQ(Ordinal("12"), "twelfth");
  EXPECT_EQ(Ordinal("30"), "thirtieth");
  EXPECT_EQ(Ordinal("103"), "one hundred third");
  EXPECT_EQ(Ordinal("1000000"), "one millionth");
}

TEST(NumberWordsTest, YearsInPairs) {
  EXPECT_EQ(Year("1900"), "nineteen hundred");
  EXPECT_EQ(Year("1905"), "nineteen oh five");
  EXPECT_EQ(Year("2000"), "two thousand");
  EXPECT_EQ(Year("2009"), "two thousand nine");
  EXPECT_EQ(Year("2010"), "twenty ten");
  EXPECT_EQ(Year("340"), "three forty");
  EXPECT_EQ(Year("500"), "five hundred");
  EXPECT_EQ(Year("305"), "three oh five");
}

TEST(NumberWordsTest, DigitPairs) {
  WordList words;
  AppendDigitPairs("4421", &words);
  EXPECT_EQ(Join(words), "forty four twenty one");
  words.clear();
  AppendDigitPairs("50510", &words);
  EXPECT_EQ(Join(words), "five zero five ten");
}

TEST(NumberWordsTest, Denominators) {
  const auto name = [](const std::string& digits, bool one) {
    WordList words;
    AppendDenominator(digits, one, &words);
    return Join(words);
  };
  EXPECT_EQ(name("2", true), "half");
  EXPECT_EQ(name("2", false), "halves");
  EXPECT_EQ(name("4", false), "quarters");
  EXPECT_EQ(name("6", false), "sixths");
  EXPECT_EQ(name("32", true), "thirty second");
  EXPECT_EQ(name("100", false), "one hundredths");
}

TEST(NumberWordsTest, Plurals) {
  for (const auto& [one, many] : {std::pair<std::string, std::string>{"ninety", "nineties"},
                                  {"six", "sixes"},
                                  {"ten", "tens"},
                                  {"hundred", "hundreds"},
                                  {"fifth", "fifths"}}) {
    std::string word = one;
    MakePlural(&word);
    EXPECT_EQ(word, many);
  }
}

}  // namespace
}  // namespace m2tts
