#include "trainer/phrasing/break_trainer.h"

#include <gtest/gtest.h>

#include <random>

namespace m2tts {
namespace {

constexpr uint8_t kPause = 0, kNoun = 1, kPreposition = 2;

// A break before each preposition, unless one was made less than three tokens ago.
BreakExample RandomExample(std::mt19937* random) {
  BreakExample example;
  int since = 0;
  const size_t length = 5 + (*random)() % 20;
  for (size_t i = 0; i < length; ++i) {
    const bool last = i + 1 == length;
    example.classes.push_back(last ? kPause : (*random)() % 3 == 0 ? kPreposition : kNoun);
  }
  example.junctures.resize(length);
  for (size_t i = 0; i < length; ++i) {
    ++since;
    Juncture& juncture = example.junctures[i];
    if (i + 1 == length) juncture.given = Juncture::Given::kBreak;
    if (i + 2 == length) juncture.given = Juncture::Given::kNoBreak;
    const bool rule = i + 2 < length && example.classes[i + 1] == kPreposition && since >= 3;
    example.breaks.push_back(rule || i + 1 == length);
    if (example.breaks.back()) since = 0;
  }
  return example;
}

TEST(BreakTrainerTest, LearnsARuleOfContextAndDistance) {
  std::mt19937 random(3);
  std::vector<BreakExample> examples;
  for (int i = 0; i < 300; ++i) examples.push_back(RandomExample(&random));
  double last_wrong = 1;
  BreakOptions options;
  options.epochs = 60;
  const BreakScores scores =
      TrainBreaks(examples, 3, kPause, options, [&](int, double wrong) { last_wrong = wrong; });
  EXPECT_LT(last_wrong, 0.02);
  ASSERT_EQ(scores.by_context.size(), 27u);
  size_t wrong = 0, places = 0;
  for (int i = 0; i < 100; ++i) {  // that it has not seen
    BreakExample example = RandomExample(&random);
    for (size_t t = 0; t + 1 < example.classes.size(); ++t) {
      const size_t before = t > 0 ? example.classes[t - 1] : kPause;
      example.junctures[t].score =
          scores.by_context[(before * 3 + example.classes[t]) * 3 + example.classes[t + 1]];
    }
    const std::vector<bool> found = FindBreaks(example.junctures, scores.history);
    for (size_t t = 0; t < found.size(); ++t) wrong += found[t] != example.breaks[t];
    places += found.size();
  }
  EXPECT_LT(wrong, places / 50);
}

TEST(BreakSearchTest, KeepsWhatIsGivenWhateverTheScores) {
  HistoryScores history{};
  std::vector<Juncture> junctures(4);
  junctures[0] = {Juncture::Given::kNoBreak, 100};
  junctures[1] = {Juncture::Given::kBreak, -100};
  junctures[2] = {Juncture::Given::kOpen, 1};
  junctures[3] = {Juncture::Given::kOpen, -1};
  EXPECT_EQ(FindBreaks(junctures, history), (std::vector<bool>{false, true, true, false}));
  EXPECT_TRUE(FindBreaks({}, history).empty());
}

TEST(BreakSearchTest, FindsTheSeriesThatBruteForceFinds) {
  std::mt19937 random(5);
  std::uniform_real_distribution<float> uniform(-2, 2);
  for (int round = 0; round < 50; ++round) {
    HistoryScores history{};
    for (auto& row : history) {
      for (float& score : row) score = uniform(random);
    }
    std::vector<Juncture> junctures(9);
    for (Juncture& juncture : junctures) juncture.score = uniform(random);
    float best = -1e9F;
    std::vector<bool> expected;
    for (unsigned series = 0; series < 1u << junctures.size(); ++series) {
      float score = 0;
      BreakHistory before = kBreakBefore;
      std::vector<bool> breaks;
      for (size_t i = 0; i < junctures.size(); ++i) {
        const bool is_break = (series >> i & 1) != 0;
        score += (is_break ? junctures[i].score : 0) + history[is_break ? 1 : 0][before];
        before = NextHistory(before, is_break);
        breaks.push_back(is_break);
      }
      if (score > best) {
        best = score;
        expected = breaks;
      }
    }
    EXPECT_EQ(FindBreaks(junctures, history), expected);
  }
}

}  // namespace
}  // namespace m2tts
