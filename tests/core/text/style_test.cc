// What a style changes, and that numbers of any shape are read to the end in bounded time.
#include "core/text/style.h"

#include <gtest/gtest.h>

#include <random>

#include "core/text/normalizer.h"
#include "tests/core/text/text_test_util.h"

namespace m2tts {
namespace {

std::string Said(const std::string& text, const TextStyle& style = {}) {
  std::vector<TextWarning> warnings;
  return NormalizedText(Normalize(text, 0, {BuiltLexicon(), style, nullptr}, &warnings));
}

TEST(TextStyleTest, AndInNumbersOfEveryFamily) {
  TextStyle style;
  style.say_and = true;
  EXPECT_EQ(Said("105", style), "one hundred and five");
  EXPECT_EQ(Said("1,234.5", style), "one thousand two hundred and thirty four point five");
  EXPECT_EQ(Said("$101", style), "one hundred and one dollars");
  EXPECT_EQ(Said("250 km", style), "two hundred and fifty kilometers");
  EXPECT_EQ(Said("the 101st", style), "the one hundred and first");
  EXPECT_EQ(Said("110-120", style), "one hundred and ten to one hundred and twenty");
  EXPECT_EQ(Said("in 1984", style), "in nineteen eighty four");
}

TEST(TextStyleTest, OrderOfDayAndMonth) {
  TextStyle style;
  style.date_order = TextStyle::DateOrder::kDayFirst;
  EXPECT_EQ(Said("10/06/2012", style), "the tenth of june twenty twelve");
  EXPECT_EQ(Said("10/06", style), "the tenth of june");
  EXPECT_EQ(Said("01.10.2010", style), "the first of october twenty ten");
  EXPECT_EQ(Said("12/25/2012", style), "december twenty fifth twenty twelve");
  EXPECT_EQ(Said("2012-10-06", style), "october sixth twenty twelve");
  EXPECT_EQ(Said("10/06/2012"), "october sixth twenty twelve");
}

TEST(TextStyleTest, DigitsInPairs) {
  TextStyle style;
  style.digits = TextStyle::DigitStyle::kPairs;
  EXPECT_EQ(Said("code 4421", style), "code forty four twenty one");
  EXPECT_EQ(Said("555-1234", style), "five fifty five, twelve thirty four");
  EXPECT_EQ(Said("code 4421"), "code four four two one");
}

// Marks that belong to numbers, in every disorder.
TEST(TextStyleTest, HostileNumbersSayEveryDigit) {
  const std::string pieces[] = {"1", "23", "0", "/", "-", ".",  ":",  ",",  "'",  "\"",
                                "x", "%",  "$", "°", "–", "st", "th", "km", "pm", "s",
                                "^", "²",  "+", "(", ")", "e",  "K",  "½",  " ",  "€"};
  std::mt19937 random(7);
  std::uniform_int_distribution<size_t> pick(0, std::size(pieces) - 1);
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (int i = 0; i < 8; ++i) text += pieces[pick(random)];
    std::vector<TextWarning> warnings;
    const auto items = Normalize(text, 0, {BuiltLexicon(), {}, nullptr}, &warnings);
    std::vector<bool> said(text.size(), false);
    for (const SpokenItem& item : items) {
      ASSERT_LE(item.source.end, text.size());
      for (size_t k = item.source.begin; k < item.source.end; ++k) said[k] = true;
      ASSERT_EQ(item.text.find_first_of("0123456789$%"), std::string::npos) << item.text << " of: " << text;
      ASSERT_FALSE(item.text.empty()) << text;
    }
    for (size_t k = 0; k < text.size(); ++k) {
      ASSERT_TRUE(said[k] || text[k] < '0' || text[k] > '9') << "byte " << k << " of: " << text;
    }
  }
}

TEST(TextStyleTest, LongRunsStayLinear) {
  for (const std::string piece :
       {"1", "1 ", "1/", "1-", "1:", "(1) ", "1x", "111 ", "1'111'", "1 to ", "$1-", "1/2 "}) {
    std::string text;
    while (text.size() < 4000) text += piece;
    const std::string said = Said(text);
    EXPECT_FALSE(said.empty()) << piece;
    EXPECT_LE(said.size(), text.size() * 24) << piece;
  }
}

}  // namespace
}  // namespace m2tts
