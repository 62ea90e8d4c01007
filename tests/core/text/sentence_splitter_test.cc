#include "core/text/sentence_splitter.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/base/utf8.h"

namespace m2tts {
namespace {

std::vector<std::string> Split(const std::string& text) {
  SentenceSplitter splitter(text);
  std::vector<std::string> out;
  while (const auto raw = splitter.Next())
    out.push_back(text.substr(raw->range.begin, raw->range.end - raw->range.begin));
  return out;
}

using Parts = std::vector<std::string>;

TEST(SentenceSplitterTest, EverydayCases) {
  EXPECT_EQ(Split("One. Two! Three?"), (Parts{"One.", "Two!", "Three?"}));
  EXPECT_EQ(Split("Mr. Smith left. He ran."), (Parts{"Mr. Smith left.", "He ran."}));
  EXPECT_EQ(Split("It is 3.5 m. Good."), (Parts{"It is 3.5 m.", "Good."}));
  EXPECT_EQ(Split("J. R. Smith came."), (Parts{"J. R. Smith came."}));
  EXPECT_EQ(Split("The U.S. Army came. It won."), (Parts{"The U.S. Army came.", "It won."}));
  EXPECT_EQ(Split("He lives in the U.S. He likes it."), (Parts{"He lives in the U.S.", "He likes it."}));
  EXPECT_EQ(Split("At 5 p.m. we left."), (Parts{"At 5 p.m. we left."}));
  EXPECT_EQ(Split("It ended at 5 p.m. Then we left."), (Parts{"It ended at 5 p.m.", "Then we left."}));
  EXPECT_EQ(Split("\"Really?\" he asked. Yes."), (Parts{"\"Really?\" he asked.", "Yes."}));
  EXPECT_EQ(Split("He said “no.” Then he left."), (Parts{"He said “no.”", "Then he left."}));
  EXPECT_EQ(Split("I said no. She left."), (Parts{"I said no.", "She left."}));
  EXPECT_EQ(Split("See No. 5 there."), (Parts{"See No. 5 there."}));
  EXPECT_EQ(Split("Well... maybe. So?!"), (Parts{"Well... maybe.", "So?!"}));
  EXPECT_EQ(Split("See example.com now. Ok."), (Parts{"See example.com now.", "Ok."}));
  EXPECT_EQ(Split("1. First\n2. Second"), (Parts{"1. First", "2. Second"}));
}

TEST(SentenceSplitterTest, ParagraphsEndSentences) {
  SentenceSplitter splitter("A heading\n\nText goes\non here. More");
  auto raw = splitter.Next();
  ASSERT_TRUE(raw);
  EXPECT_TRUE(raw->ends_paragraph);
  raw = splitter.Next();
  ASSERT_TRUE(raw);
  EXPECT_FALSE(raw->ends_paragraph);
  raw = splitter.Next();
  ASSERT_TRUE(raw);
  EXPECT_TRUE(raw->ends_paragraph);
  EXPECT_FALSE(splitter.Next());
}

TEST(SentenceSplitterTest, ShortLinesMayMeanNothing) {
  const std::string text = "Hello my\nWorld\n- item";
  EXPECT_EQ(Split(text), (Parts{"Hello my\nWorld", "- item"})) << "'my' leads on";
  const std::string list = "Eggs\nMilk\n\nThe end";
  EXPECT_EQ(Split(list), (Parts{"Eggs", "Milk", "The end"}));
  SentenceSplitter splitter(list, false);
  EXPECT_EQ(splitter.Next()->range.end, 9u) << "in SSML";
}

TEST(SentenceSplitterTest, EmptyAndBlank) {
  EXPECT_TRUE(Split("").empty());
  EXPECT_TRUE(Split(" \n\t ").empty());
}

TEST(SentenceSplitterTest, CutsEndlessStretchesWithoutLosingText) {
  for (const std::string& unit :
       {std::string("word "), std::string("x"), std::string("é"), std::string(".")}) {
    std::string text;
    while (text.size() < 50000) text += unit;
    SentenceSplitter splitter(text);
    size_t covered = 0;
    size_t last_end = 0;
    while (const auto raw = splitter.Next()) {
      ASSERT_LE(raw->range.end - raw->range.begin, kMaxRawSentenceBytes + 8);
      ASSERT_GE(raw->range.begin, last_end);
      ASSERT_GT(raw->range.end, raw->range.begin);
      ASSERT_FALSE(ContinuesCharacter(text[raw->range.begin])) << "cut inside a character";
      covered += raw->range.end - raw->range.begin;
      last_end = raw->range.end;
    }
    EXPECT_GE(covered + text.size() / 5 + 1, text.size());
  }
}

TEST(SentenceSplitterTest, CutsAfterAClauseIfThatLeavesEnough) {
  const auto first = [](size_t words, const std::string& mark) {
    std::string text;
    for (size_t i = 0; i < 400; ++i) text += i == words ? "there" + mark + " " : "word ";
    const auto raw = SentenceSplitter(text).Next();
    return text.substr(raw->range.begin, raw->range.end - raw->range.begin);
  };
  EXPECT_EQ(first(100, ",").substr(500), "there,");
  EXPECT_EQ(first(100, "").size(), 635u);
  EXPECT_EQ(first(20, ",").size(), 636u) << "a short clause is not worth it";
}

}  // namespace
}  // namespace m2tts
