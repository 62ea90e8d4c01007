#include "trainer/labels/phone_match.h"

#include <gtest/gtest.h>

namespace m2tts {
namespace {

// "^ HH AX L OW | W ER L D . $"
Sentence HelloWorld() {
  Sentence sentence;
  for (const char* symbol : {"^", "HH", "AX", "L", "OW", "|", "W", "ER", "L", "D", ".", "$"}) {
    sentence.phonemes.push_back({*PhonemeFromSymbol(symbol), Stress::kNone, -1});
  }
  return sentence;
}

// Labels of a tenth of a second each.
std::vector<Label> Labels(const std::vector<std::string>& names) {
  std::vector<Label> labels;
  for (const auto& name : names) {
    const double begin = 0.1 * static_cast<double>(labels.size());
    labels.push_back({begin, begin + 0.1, name});
  }
  return labels;
}

void ExpectStarts(const std::vector<std::string>& names, const std::vector<double>& expected) {
  const auto starts = MatchLabels(Labels(names), HelloWorld(), "a.lab");
  ASSERT_TRUE(starts.ok()) << starts.status();
  ASSERT_EQ(starts->size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR((*starts)[i], expected[i], 1e-9) << i;
}

TEST(PhoneMatchTest, SilenceGoesToPausesAndBoundariesTakeNoTime) {
  ExpectStarts({"sil", "HH", "AH0", "L", "OW1", "W", "ER1", "L", "D", ""},
               {0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0});
}

TEST(PhoneMatchTest, APauseBetweenWordsIsTheBoundary) {
  ExpectStarts({"pau", "hh", "ax", "l", "ow", "pau", "w", "er", "l", "d", "pau"},
               {0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1});
}

TEST(PhoneMatchTest, OtherVowelsMissingAndSurplusPhonesFindTheirPlace) {
  // EH for AX; no L in "hello"; a T before the D.
  const auto starts =
      MatchLabels(Labels({"sil", "HH", "EH1", "OW", "W", "ER", "L", "T", "D", "sil"}), HelloWorld(), "a.lab");
  ASSERT_TRUE(starts.ok()) << starts.status();
  EXPECT_NEAR((*starts)[2], 0.2, 1e-9);
  EXPECT_NEAR((*starts)[3], 0.25, 1e-9);  // half of the vowel before
  EXPECT_NEAR((*starts)[4], 0.3, 1e-9);
  EXPECT_NEAR((*starts)[8], 0.6, 1e-9);  // L, and the T behind it
  EXPECT_NEAR((*starts)[9], 0.8, 1e-9);
  EXPECT_TRUE(std::is_sorted(starts->begin(), starts->end()));
}

TEST(PhoneMatchTest, ABoundaryBesideAMissingPhoneTakesNoneOfTheSound) {
  // Without OW: it and L share 0.3 to 0.4, and the boundary begins with W.
  ExpectStarts({"sil", "HH", "AH0", "L", "W", "ER1", "L", "D", ""},
               {0.0, 0.1, 0.2, 0.3, 0.35, 0.4, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9});
  // Without W: the boundary begins in the middle of OW, with it.
  ExpectStarts({"sil", "HH", "AH0", "L", "OW1", "ER1", "L", "D", ""},
               {0.0, 0.1, 0.2, 0.3, 0.4, 0.45, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9});
}

TEST(PhoneMatchTest, RefusesTheLabelsOfAnotherText) {
  for (const auto& names : std::vector<std::vector<std::string>>{
           {"sil"},
           {"S", "IY", "K", "S"},
           {"h", "ə", "l", "oʊ", "w", "ɜː", "l", "d"},
           {"HH", "AH", "L", "OW", "W", "ER", "L", "D", "AE", "N", "D", "M", "AO", "R"},
           std::vector<std::string>(100000, "sil")}) {
    const auto starts = MatchLabels(Labels(names), HelloWorld(), "a.lab");
    ASSERT_TRUE(absl::IsFailedPrecondition(starts.status())) << names.size();
    EXPECT_NE(starts.status().message().find("a.lab: the labels do not fit"), std::string::npos);
  }
  const auto foreign = MatchLabels(Labels({"h", "ə", "l", "oʊ", "w", "ɜː", "l", "d"}), HelloWorld(), "a.lab");
  EXPECT_NE(foreign.status().message().find("not ARPAbet: 'ə' 'oʊ'"), std::string::npos) << foreign.status();
}

}  // namespace
}  // namespace m2tts
