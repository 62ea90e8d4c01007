#include "trainer/phrasing/tag_counts.h"

#include <gmock/gmock.h>

#include "tests/trainer/phrasing/tiny_phrases.h"

namespace m2tts {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(TagCountsTest, ClassesJoinTheFormsOfVerbsAndNouns) {
  const auto tables =
      CountTags(ParseTaggedText("he/prp sang/vbd and/cc sings/vbz songs/nns a/dt song/nn", "a").value());
  ASSERT_TRUE(tables.ok()) << tables.status();
  EXPECT_THAT(tables->names, ElementsAre("cc", "dt", "nn", "nns", "prp", "punc", "vbd", "vbz"));
  EXPECT_THAT(tables->classes, ElementsAre(0, 1, 2, 2, 3, 4, 5, 5));
  EXPECT_EQ(tables->class_count, 6u);
  EXPECT_EQ(tables->pause_tag, 5u);
}

TEST(TagCountsTest, AWordHasTheTagsItWasSeenWith) {
  const auto tables = CountTags(TinySentences());
  ASSERT_TRUE(tables.ok()) << tables.status();
  const auto tag = [&](const char* name) {
    return static_cast<uint8_t>(std::find(tables->names.begin(), tables->names.end(), name) -
                                tables->names.begin());
  };
  const std::vector<TagCandidate>& saw = tables->entries.at("saw");
  ASSERT_EQ(saw.size(), 2u);
  EXPECT_EQ(saw[0].tag, tag("nn"));
  EXPECT_EQ(saw[1].tag, tag("vbd"));
  // Twice a verb of 4 verbs against once a noun of 17 nouns: exp(-cost / 16) is the ratio.
  EXPECT_EQ(saw[1].cost, 0);
  EXPECT_NEAR(saw[0].cost, 16 * std::log(2.0 / 4 / (1.0 / 17)), 0.5);
  ASSERT_EQ(tables->entries.at("dog").size(), 1u);
}

TEST(TagCountsTest, TransitionsFavourWhatFollows) {
  const auto tables = CountTags(TinySentences());
  ASSERT_TRUE(tables.ok());
  const size_t tags = tables->names.size();
  ASSERT_EQ(tables->transitions.size(), (tags + 1) * (tags + 1) * tags);
  const auto cost = [&](size_t a, size_t b, size_t c) {
    return tables->transitions[(a * (tags + 1) + b) * tags + c];
  };
  const size_t dt = 0, in = 1, nn = 2;
  ASSERT_EQ(tables->names[in], "in");
  EXPECT_LT(cost(tags, dt, nn), cost(tags, dt, in));  // a noun after the first article
  EXPECT_LT(cost(in, dt, nn), 3);                     // never anything else
  EXPECT_GT(cost(in, dt, dt), 16);                    // two articles never met
}

TEST(TagCountsTest, EndingsAreSmoothedByShorterOnes) {
  std::string text;
  for (const char* word : {"station", "nation", "motion", "ration"}) text += std::string(word) + "/nn ";
  for (const char* word : {"run", "spun", "shun", "stun"}) text += std::string(word) + "/vb ";
  const auto tables = CountTags(ParseTaggedText(text, "a").value());
  ASSERT_TRUE(tables.ok());
  EXPECT_EQ(tables->entries.count("-tion"), 1u);
  EXPECT_EQ(tables->entries.count("-otion"), 0u);  // seen once only
  ASSERT_EQ(tables->entries.at("-tion").size(), 1u);
  const auto& on = tables->entries.at("-on");
  ASSERT_EQ(on.size(), 2u);  // "-n" is a verb as often as a noun
  EXPECT_EQ(on[0].cost, 0);
  EXPECT_GT(on[1].cost, 16);
  ASSERT_EQ(tables->entries.at("-n").size(), 2u);
  EXPECT_EQ(tables->entries.at("-n")[1].cost, 0);
}

TEST(TagCountsTest, RefusesNothingAndTooMuch) {
  EXPECT_EQ(CountTags({}).status().code(), StatusCode::kInvalidArgument);
  std::string text;
  for (int i = 0; i < 63; ++i) text += "a/t" + std::to_string(i) + " ";
  const Status status = CountTags(ParseTaggedText(text, "a").value()).status();
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("64 different tags"));
}

}  // namespace
}  // namespace m2tts
