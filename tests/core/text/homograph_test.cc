#include "core/text/homograph.h"

#include "core/text/arpabet.h"
#include "core/text/word_class.h"
#include "tests/core/text/text_test_util.h"

namespace m2tts {
namespace {

// How the first `word` of `text` sounds.
std::string Sound(const std::string& text, const std::string& word) {
  for (const Sentence& sentence : ReadAll(BuiltFrontend(), text)) {
    for (size_t w = 0; w < sentence.words.size(); ++w) {
      if (sentence.words[w].text != word) continue;
      Pronunciation sound;
      for (const Phoneme& p : sentence.phonemes) {
        if (p.word == static_cast<int32_t>(w)) sound.push_back({p.id, p.stress});
      }
      return Spell(sound);
    }
  }
  return "absent";
}

// The table was written before the rules, and only its first half (even lines) was looked at
// while they were tuned; the other half tells how far they generalize.
TEST(HomographTest, ReadsTheTable) {
  int line = 0;
  int right[2] = {0, 0};
  int all[2] = {0, 0};
  std::string wrong;
  for (const auto& [text, expected] : LoadCases("homograph")) {
    const size_t tab = expected.find('\t');
    ASSERT_NE(tab, std::string::npos) << text;
    const std::string word = expected.substr(0, tab);
    const std::string want = Spell(ParseArpabet(expected.substr(tab + 1)).value());
    const std::string got = Sound(text, word);
    const int half = line++ % 2;
    ++all[half];
    if (got == want) {
      ++right[half];
    } else if (half == 0) {
      wrong += word + ": " + got + ", not " + want + ": " + text + "\n";
    }
  }
  EXPECT_GE(right[0] * 100, all[0] * 97) << wrong;
  EXPECT_GE(right[1] * 100, all[1] * 95) << right[1] << " of " << all[1];
  RecordProperty("tuned", std::to_string(right[0]) + "/" + std::to_string(all[0]));
  RecordProperty("held_out", std::to_string(right[1]) + "/" + std::to_string(all[1]));
}

TEST(HomographTest, TellsLettersFromArticles) {
  EXPECT_EQ(Sound("Take vitamin A daily.", "a"), "EY1");
  EXPECT_EQ(Sound("A is for apple.", "a"), "EY1");
  EXPECT_EQ(Sound("A dog barked.", "a"), "AH0");
  EXPECT_EQ(Sound("a dog, a cat", "a"), "AH0");
}

TEST(HomographTest, FollowsTheSoundAfterThe) {
  EXPECT_EQ(Sound("the hour", "the"), "DH IY0");
  EXPECT_EQ(Sound("the FBI", "the"), "DH IY0");
  EXPECT_EQ(Sound("the 8 dogs", "the"), "DH IY0");
  EXPECT_EQ(Sound("the one", "the"), "DH AH0");
  EXPECT_EQ(Sound("the U.S. team", "the"), "DH AH0");
}

// "records" and "record's" follow "record"; a possessive is a noun.
TEST(HomographTest, InflectsItsWords) {
  EXPECT_EQ(Sound("He records it.", "records"), "R AH0 K AO1 R D Z");
  EXPECT_EQ(Sound("We broke two records.", "records"), "R EH1 K ER0 D Z");
  EXPECT_EQ(Sound("the project's end", "project's"), "P R AA1 JH EH0 K T S");
  EXPECT_EQ(Sound("We refuse the refuse's smell.", "refuse's"), "R EH1 F Y UW2 Z IH0 Z");
}

TEST(HomographTest, WhateverStandsBesideItItHasOneOfItsReadings) {
  const std::vector<std::string_view> edges = {"", "'", "'s", "s", "ed", "to", "the", "read", "a", "n't"};
  const std::string noun = Spell(ParseArpabet("R EH1 K ER0 D").value());
  const std::string verb = Spell(ParseArpabet("R AH0 K AO1 R D").value());
  int nouns = 0, verbs = 0;
  for (const std::string_view previous : edges) {
    for (const std::string_view next : edges) {
      const std::vector<ContextWord> words = {{previous}, {"record", true, true}, {next}};
      const auto sound = ChooseHomograph({words, 1});
      ASSERT_TRUE(sound.has_value()) << previous << " " << next;
      nouns += Spell(*sound) == noun;
      verbs += Spell(*sound) == verb;
      // The neighbours may be anything: fragments, and words that are homographs themselves.
      for (const size_t i : {size_t{0}, size_t{2}}) {
        ScoreClasses({words, i});
        GuessRole({words, i});
        const auto neighbour = ChooseHomograph({words, i});
        EXPECT_TRUE(!neighbour.has_value() || !neighbour->empty()) << words[i].text;
      }
    }
  }
  EXPECT_EQ(nouns + verbs, 100);
  EXPECT_GT(nouns, 0);
  EXPECT_GT(verbs, 0);
}

TEST(WordContextTest, NearStopsAtAPause) {
  const std::vector<ContextWord> words = {{"a", false, true}, {"b"}, {"c", false, true}, {"d"}};
  const WordContext b(words, 1);
  EXPECT_EQ(b.Near(-1), "");
  EXPECT_EQ(b.Far(-1), "a");
  EXPECT_EQ(b.Near(1), "c");
  EXPECT_EQ(b.Near(2), "");
  EXPECT_EQ(b.Far(2), "d");
  EXPECT_EQ(b.Far(3), "");
  EXPECT_EQ(b.Far(-2), "");
}

TEST(WordRoleTest, NeighboursTell) {
  const auto role = [](std::vector<ContextWord> words, size_t index) { return GuessRole({words, index}); };
  EXPECT_EQ(role({{"to"}, {"lead"}, {"them"}}, 1), WordRole::kVerb);
  EXPECT_EQ(role({{"the"}, {"lead"}}, 1), WordRole::kNoun);
  EXPECT_EQ(role({{"lead"}}, 0), WordRole::kAny);
}

}  // namespace
}  // namespace m2tts
