// Phonemes that users write: IPA, and brackets in plain text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/text/markup/inline_phonemes.h"
#include "core/text/markup/ipa.h"
#include "tests/core/text/text_test_util.h"

namespace m2tts {
namespace {

using ::testing::HasSubstr;

std::string Ipa(const std::string& ipa) {
  const auto parsed = ParseIpa(ipa);
  return parsed.ok() ? Spell(*parsed) : std::string(parsed.status().message());
}

TEST(IpaTest, ReadsEnglish) {
  EXPECT_EQ(Ipa("həˈloʊ"), "HH AH0 L OW1");
  EXPECT_EQ(Ipa("ˈwɜːrld"), "W ER1 L D");
  EXPECT_EQ(Ipa("ˈwɝld"), "W ER1 L D");
  EXPECT_EQ(Ipa("ˈt͡ʃɝt͡ʃ"), "CH ER1 CH");
  EXPECT_EQ(Ipa("dʒʌdʒ"), "JH AH1 JH");
  EXPECT_EQ(Ipa("ˌɪntərˈnæʃənəl"), "IH2 N T ER0 N AE1 SH AH0 N AH0 L");
  EXPECT_EQ(Ipa("ˈbʌtn̩"), "B AH1 T AH0 N");
  EXPECT_EQ(Ipa("ðɪs θɪŋ"), "DH IH1 S TH IH0 NG");
  EXPECT_EQ(Ipa("ˈjuː.zɪdʒ"), "Y UW1 Z IH0 JH");
  EXPECT_EQ(Ipa("kæt"), "K AE1 T") << "without marks the first vowel is stressed";
}

TEST(IpaTest, WritesWhatPeopleWrite) {
  const auto ipa = [](const char* arpabet) { return FormatIpa(ParseArpabet(arpabet).value()); };
  EXPECT_EQ(ipa("HH AH0 L OW1"), "həˈloʊ");
  EXPECT_EQ(ipa("W ER1 L D"), "wɝld");
  EXPECT_EQ(ipa("IH2 N T ER0 N AE1 SH AH0 N AH0 L"), "ˌɪntɚˈnæʃənəl");
  EXPECT_EQ(ipa("DH AH0"), "ðə");
  EXPECT_EQ(ipa("IH0 K S T R IY1 M"), "ᵻkˈstɹim");
  EXPECT_EQ(ipa("K AO1 R T SH IH0 P"), "ˈkɔɹt.ʃᵻp") << "not ch";
  EXPECT_EQ(ipa("S"), "s");
  EXPECT_EQ(FormatIpa({}), "");
}

TEST(IpaTest, EveryWordOfTheDictionaryComesBack) {
  // Every 97th word; one full unstressed vowel alone cannot say so in IPA.
  std::ifstream in(std::string(M2TTS_SOURCE_DIR) + "/voices/lexicon/cmudict.dict");
  size_t checked = 0;
  size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    if (++number % 97 != 0) continue;
    const size_t blank = line.find(' ');
    const auto word = ParseArpabet(line.substr(blank, line.find('#', blank) - blank));
    ASSERT_TRUE(word.ok()) << line;
    const auto back = ParseIpa(FormatIpa(*word));
    ASSERT_TRUE(back.ok()) << line << back.status();
    const bool stressed = line.find('1') != std::string::npos;
    if (stressed) {
      EXPECT_EQ(*back, *word) << line << " " << FormatIpa(*word);
    }
    ++checked;
  }
  EXPECT_GT(checked, 1000u);
}

TEST(IpaTest, NamesWhatItDoesNotKnow) {
  EXPECT_THAT(Ipa("kǃt"), HasSubstr("'ǃ' at byte 1"));
  EXPECT_THAT(Ipa(""), HasSubstr("no phonemes"));
  EXPECT_THAT(Ipa("ˈː"), HasSubstr("no phonemes"));
  EXPECT_THAT(Ipa("5"), HasSubstr("'5' at byte 0"));
}

TEST(InlinePhonemesTest, AreSaidAsGiven) {
  const auto sentences = ReadAll(BuiltFrontend(), "Say [[ HH AH0 L OW1 | W ER1 L D ]] or [[kæt]].");
  ASSERT_EQ(sentences.size(), 1u);
  EXPECT_EQ(FormatPhonemes(sentences[0]), "S EY1 | HH AH0 L OW1 | W ER1 L D | AO1 R | K AE1 T");
  EXPECT_EQ(sentences[0].words[1].text, "hh-ah0-l-ow1");
  EXPECT_EQ(sentences[0].words[1].pronunciation, PronunciationSource::kInline);
  EXPECT_EQ(sentences[0].words[1].source.begin, 4u);
  EXPECT_EQ(sentences[0].words[1].source.end, 34u);
  EXPECT_EQ(sentences[0].source.end, 47u);
}

TEST(InlinePhonemesTest, OtherBracketsAreText) {
  const auto links = ReadAll(BuiltFrontend(), "See [[1]] and [[Main Page]].");
  ASSERT_EQ(links.size(), 1u);
  EXPECT_TRUE(links[0].warnings.empty());
  const auto wrong = ReadAll(BuiltFrontend(), "Say [[ HH XX OW1 ]].");
  ASSERT_EQ(wrong.size(), 1u);
  ASSERT_FALSE(wrong[0].warnings.empty());
  EXPECT_THAT(wrong[0].warnings[0].message, HasSubstr("'XX'"));
  EXPECT_EQ(wrong[0].warnings[0].range.begin, 4u);
}

TEST(InlinePhonemesTest, CanBeTurnedOff) {
  ReadOptions options;
  options.inline_phonemes = false;
  const auto reader = BuiltFrontend().Read("[[ K AE1 T ]]", options).value();
  EXPECT_NE(FormatPhonemes(*reader->Next()), "K AE1 T");
}

TEST(InlinePhonemesTest, UnfinishedBracketsAreText) {
  for (const char* text :
       {"[[", "]]", "[[ ]]", "[[[[[[", "[[ K AE1 T", "[[]]", "[[|]]", "[[ K | ]]", "a [[ b [[ K AE1 T ]]"}) {
    EXPECT_FALSE(FindInlinePhonemes(text).has_value()) << text;
    for (const Sentence& sentence : ReadAll(BuiltFrontend(), text)) {
      for (const Word& word : sentence.words) {
        EXPECT_NE(word.pronunciation, PronunciationSource::kInline) << text;
      }
    }
  }
  std::string many;
  for (int i = 0; i < 20000; ++i) many += "[[ ";
  EXPECT_FALSE(FindInlinePhonemes(many).has_value());
}

}  // namespace
}  // namespace m2tts
