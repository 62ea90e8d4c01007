#include "core/text/normalizer.h"

#include "tests/core/text/text_test_util.h"

namespace m2tts {
namespace {

std::string Normalized(const std::string& text, std::vector<TextWarning>* warnings) {
  return NormalizedText(Normalize(text, 0, {BuiltLexicon(), {}, nullptr}, warnings));
}

class NormalizerCases : public ::testing::TestWithParam<const char*> {};

TEST_P(NormalizerCases, ReadAsWritten) {
  for (const auto& [input, expected] : LoadCases(GetParam())) {
    std::vector<TextWarning> warnings;
    EXPECT_EQ(Normalized(input, &warnings), expected) << "input: " << input;
    EXPECT_TRUE(warnings.empty()) << input;
  }
}

INSTANTIATE_TEST_SUITE_P(Families, NormalizerCases,
                         ::testing::Values("number", "ordinal", "fraction", "year", "date", "time", "money",
                                           "measure", "range", "score", "roman", "telephone", "math",
                                           "address", "acronym", "serial", "web", "abbreviation", "symbol",
                                           "word", "chat"),
                         [](const auto& info) { return std::string(info.param); });

TEST(NormalizerTest, NormalizingTwiceChangesNothing) {
  for (const char* family : {"number",  "ordinal", "fraction", "year",         "date",      "time", "money",
                             "measure", "range",   "score",    "roman",        "telephone", "math", "address",
                             "acronym", "serial",  "web",      "abbreviation", "symbol",    "word", "chat"}) {
    for (const auto& [input, expected] : LoadCases(family)) {
      std::vector<TextWarning> warnings;
      const std::string once = Normalized(input, &warnings);
      EXPECT_EQ(Normalized(once, &warnings), once) << input;
    }
  }
}

TEST(NormalizerTest, RangesPointIntoTheInput) {
  std::vector<TextWarning> warnings;
  const std::string text = "café costs $5 now";
  const auto items = Normalize(text, 100, {BuiltLexicon(), {}, nullptr}, &warnings);
  ASSERT_EQ(items.size(), 5u);
  const auto source = [&](size_t i) {
    return text.substr(items[i].source.begin - 100, items[i].source.end - items[i].source.begin);
  };
  EXPECT_EQ(source(0), "café");
  EXPECT_EQ(items[2].text, "five");
  EXPECT_EQ(source(2), "$5");
  EXPECT_EQ(source(3), "$5");
  EXPECT_EQ(source(4), "now");
}

TEST(NormalizerTest, WhatMarkdownHidesIsWarnedAbout) {
  std::vector<TextWarning> warnings;
  const std::string text = "- [x] Read [the docs](https://example.com/docs) now";
  EXPECT_EQ(Normalized(text, &warnings), "read, the docs, now");
  ASSERT_EQ(warnings.size(), 2u);
  EXPECT_EQ(warnings[0].kind, TextWarning::Kind::kSkippedCharacter);
  EXPECT_EQ(warnings[0].range.begin, 2u);
  EXPECT_EQ(warnings[0].range.end, 5u);
  EXPECT_EQ(text.substr(warnings[1].range.begin, warnings[1].range.end - warnings[1].range.begin),
            "https://example.com/docs");
}

TEST(NormalizerTest, WordsKeepTheirMarksForTheLexicon) {
  std::vector<TextWarning> warnings;
  const auto items = Normalize("Zoë’s RÉSUMÉ, naïve don’t", 0, {BuiltLexicon(), {}, nullptr}, &warnings);
  ASSERT_EQ(items.size(), 5u);
  EXPECT_EQ(items[0].text, "zoe's");
  EXPECT_EQ(items[0].written, "zoë's");
  EXPECT_EQ(items[1].written, "résumé");
  EXPECT_EQ(items[3].written, "naïve");
  EXPECT_EQ(items[4].written, "");
}

TEST(NormalizerTest, EveryPrintableAsciiCharacterSurvivesAlone) {
  for (char c = '!'; c <= '~'; ++c) {
    std::vector<TextWarning> warnings;
    const std::string text = std::string("a ") + c + " b";
    EXPECT_GE(Normalize(text, 0, {BuiltLexicon(), {}, nullptr}, &warnings).size(), 2u) << c;
  }
}

}  // namespace
}  // namespace m2tts
