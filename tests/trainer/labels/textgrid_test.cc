#include <gtest/gtest.h>

#include "trainer/labels/label_file.h"

namespace m2tts {
namespace {

constexpr char kLong[] = R"(File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 1.5
tiers? <exists>
size = 3
item []:
    item [1]:
        class = "IntervalTier"
        name = "words"
        xmin = 0
        xmax = 1.5
        intervals: size = 1
        intervals [1]:
            xmin = 0
            xmax = 1.5
            text = "say ""ah"" !"
    item [2]:
        class = "TextTier"
        name = "clicks"
        xmin = 0
        xmax = 1.5
        points: size = 1
        points [1]:
            number = 0.7
            mark = "x"
    item [3]:
        class = "IntervalTier"
        name = "anna - Phones"
        xmin = 0
        xmax = 1.5
        intervals: size = 3
        intervals [1]:
            xmin = 0
            xmax = 0.25
            text = ""
        intervals [2]:
            xmin = 0.25
            xmax = 1.0
            text = " S "
        intervals [3]:
            xmin = 1.0
            xmax = 1.5
            text = "EY1"
)";

constexpr char kShort[] = R"("ooTextFile short"
"TextGrid"
0
1.5
<exists>
1
"IntervalTier"
"anything" ! the only tier
0
1.5
2
0
0.25
"sil"
0.25
1.5
"S"
)";

TEST(TextGridTest, ReadsTheLongFormatAndTakesThePhones) {
  const auto labels = ParseTextGrid(kLong, "a.TextGrid");
  ASSERT_TRUE(labels.ok()) << labels.status();
  ASSERT_EQ(labels->size(), 3u);
  EXPECT_EQ((*labels)[0].name, "");
  EXPECT_EQ((*labels)[1].name, "S");
  EXPECT_EQ((*labels)[1].begin, 0.25);
  EXPECT_EQ((*labels)[2].end, 1.5);
}

TEST(TextGridTest, ReadsTheShortFormatWithOneTier) {
  const auto labels = ParseTextGrid(kShort, "a.TextGrid");
  ASSERT_TRUE(labels.ok()) << labels.status();
  ASSERT_EQ(labels->size(), 2u);
  EXPECT_EQ((*labels)[1].name, "S");
}

TEST(TextGridTest, ReadsUtf16OfBothKinds) {
  for (const bool big : {true, false}) {
    std::string text = big ? "\xFE\xFF" : "\xFF\xFE";
    const auto add = [&](char high, char low) {
      text += big ? high : low;
      text += big ? low : high;
    };
    for (const char c : std::string(kShort)) {
      if (c == 'S') {  // U+0283, then U+1D4AE of two units
        add(0x02, '\x83');
        add('\xD8', 0x35);
        add('\xDC', '\xAE');
      } else {
        add(0, c);
      }
    }
    const auto labels = ParseTextGrid(text, "a.TextGrid");
    ASSERT_TRUE(labels.ok()) << labels.status();
    EXPECT_EQ((*labels)[1].name, "\xCA\x83\xF0\x9D\x92\xAE");
  }
}

std::string Replaced(std::string text, const std::string& what, const std::string& with) {
  const size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), with);
}

TEST(TextGridTest, NamesTheLineOfWhatIsWrong) {
  const std::string good = kLong;
  const std::pair<std::string, std::string> cases[] = {
      {"", "a.TextGrid:1: the file ends"},
      {"hello", "a.TextGrid:1: the file ends"},
      {Replaced(good, "ooTextFile", "ooBinaryFile"), "a.TextGrid:2: 'ooBinaryFile'"},
      {Replaced(good, "<exists>", "<absent>"), "a.TextGrid:6:"},
      {Replaced(good, "size = 3", "size = 4"), "the file ends where the class of a tier"},
      {Replaced(good, "size = 3", "size = 1e18"), "a.TextGrid:7: the number of tiers"},
      {Replaced(good, "size = 3", "size = -1"), "a.TextGrid:7: the number of tiers"},
      {Replaced(good, "size = 3", "size = 2.5"), "a.TextGrid:7: the number of tiers"},
      {Replaced(good, "xmax = 0.25", "xmax = \"soon\""), "a.TextGrid:36: the end of an interval"},
      {Replaced(good, "xmax = 0.25", "xmax = 1e999"), "a.TextGrid:36: the end of an interval"},
      {Replaced(good, "xmin = 0.25", "xmin = 0.1"), "a.TextGrid:39: an interval begins"},
      {Replaced(good, "xmax = 1.0", "xmax = 0.2"), "a.TextGrid:39: an interval from"},
      {Replaced(good, "\"IntervalTier\"", "\"StarTier\""), "a.TextGrid:10: a tier of class 'StarTier'"},
      {Replaced(good, "anna - Phones", "anna - syllables"), "there are 'words', 'anna - syllables'"},
      {Replaced(good, "\"EY1\"", "\"EY1"), "a.TextGrid:45: a quote that is not closed"},
  };
  for (const auto& [text, message] : cases) {
    const auto labels = ParseTextGrid(text, "a.TextGrid");
    ASSERT_TRUE(absl::IsInvalidArgument(labels.status())) << message;
    EXPECT_NE(labels.status().message().find(message), std::string::npos) << labels.status();
  }
}

TEST(TextGridTest, EveryTruncationIsAnErrorOrStillTheTier) {
  const std::string good = kLong;
  for (size_t length = 0; length + 3 < good.size(); ++length) {
    EXPECT_FALSE(ParseTextGrid(good.substr(0, length), "cut").ok()) << length;
  }
}

}  // namespace
}  // namespace m2tts
