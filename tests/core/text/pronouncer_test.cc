#include "core/text/pronouncer.h"

#include "core/text/morphology.h"
#include "tests/core/text/text_test_util.h"

namespace m2tts {
namespace {

std::string Spell(const Pronunciation& pronunciation) {
  std::string out;
  for (const StressedPhoneme phoneme : pronunciation) {
    if (!out.empty()) out += ' ';
    AppendArpabet(phoneme, &out);
  }
  return out;
}

std::string Guess(const char* word) {
  return Spell(LetterToSound().Guess(word));
}

TEST(LetterToSoundTest, ReadsRegularSpellings) {
  EXPECT_EQ(Guess("wug"), "W AH1 G");
  EXPECT_EQ(Guess("zorb"), "Z AO1 R B");
  EXPECT_EQ(Guess("blight"), "B L AY1 T");
  EXPECT_EQ(Guess("snake"), "S N EY1 K");
  EXPECT_EQ(Guess("phone"), "F OW1 N");
  EXPECT_EQ(Guess("knack"), "N AE1 K");
}

TEST(LetterToSoundTest, SpellsWhatHasNoVowel) {
  EXPECT_EQ(Guess("bcd"), "B IY1 S IY1 D IY1");
}

TEST(LetterToSoundTest, HasExactlyOnePrimaryStressAndNeverFails) {
  const LetterToSound rules;
  for (const char* word : {"a", "e", "ee", "quizzaciously", "nebuchadnezzar", "aeiou", "hmmm", "gh", "y",
                           "queue", "xylophonic", "mohrenschildt", "ughh", "eighths", "psst", "oo"}) {
    const Pronunciation guess = rules.Guess(word);
    ASSERT_FALSE(guess.empty()) << word;
    bool vowel = false;
    int primary = 0;
    for (const StressedPhoneme p : guess) {
      vowel |= IsVowel(p.id);
      primary += p.stress == Stress::kPrimary ? 1 : 0;
      EXPECT_EQ(IsVowel(p.id), p.stress != Stress::kNone);
    }
    EXPECT_TRUE(vowel) << word;
    EXPECT_GE(primary, 1) << word;
  }
  EXPECT_TRUE(rules.Guess("").empty());
  EXPECT_TRUE(rules.Guess("123").empty());
}

TEST(MorphologyTest, BuildsFromKnownParts) {
  const auto parts = [](const char* word) {
    const auto p = PronounceByParts(word, BuiltLexicon());
    return p ? Spell(*p) : "none";
  };
  EXPECT_EQ(parts("helloes"), "HH AH0 L OW1 Z");
  EXPECT_EQ(parts("rebooked"), "R IY0 B UH1 K T");
  EXPECT_EQ(parts("bananaphone's"), "B AH0 N AE1 N AH0 F OW2 N Z");
  EXPECT_EQ(parts("zxqv"), "none");
}

}  // namespace
}  // namespace m2tts
