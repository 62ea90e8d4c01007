#include "core/text/user_lexicon.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/core/text/text_test_util.h"

namespace m2tts {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::shared_ptr<const UserLexicon> Lexicon(const std::string& text) {
  return UserLexicon::Parse(text, "test").value();
}

std::string Error(const std::string& text) {
  const auto lexicon = UserLexicon::Parse(text, "my.lex");
  return lexicon.ok() ? "" : std::string(lexicon.status().message());
}

std::string Phonemes(const std::string& text, UserLexicons lexicons) {
  ReadOptions options;
  options.user = std::move(lexicons);
  const auto reader = BuiltFrontend().Read(text, options).value();
  return FormatPhonemes(*reader->Next());
}

TEST(UserLexiconTest, ArpabetIpaAndAlias) {
  const auto lexicon = Lexicon(
      "; names\n"
      "GIF  JH IH1 F   # not the other one\n"
      "\n"
      "Grzegorz\t/ˈɡɹɛɡɔɹʒ/\r\n"
      "kubectl = cube control\n");
  EXPECT_EQ(lexicon->size(), 3u);
  EXPECT_EQ(Phonemes("a GIF", {lexicon}), "AH0 | JH IH1 F");
  EXPECT_EQ(Phonemes("grzegorz", {lexicon}), "G R EH1 G AO0 R ZH");
  EXPECT_EQ(Phonemes("kubectl", {lexicon}), "K Y UW1 B K AH0 N T R OW1 L");
}

TEST(UserLexiconTest, BeatsSpellingAndTheBuiltInLexicon) {
  const auto lexicon = Lexicon("SQL S IY1 K W AH0 L\nhello HH EH1 L OW0\nc3po S IY1\n");
  EXPECT_EQ(Phonemes("SQL says hello", {lexicon}), "S IY1 K W AH0 L | S EH1 Z | HH EH1 L OW0");
  EXPECT_EQ(Phonemes("C3PO", {lexicon}), "S IY1");
}

TEST(UserLexiconTest, EarlierLexiconsWin) {
  EXPECT_EQ(Phonemes("zorb", {Lexicon("zorb Z AO1 R B"), Lexicon("zorb Z")}), "Z AO1 R B");
  EXPECT_EQ(Phonemes("zorb", {Lexicon("other Z"), Lexicon("zorb Z AO1 R B")}), "Z AO1 R B");
}

TEST(UserLexiconTest, RolesChooseByContext) {
  const auto lexicon = Lexicon("lead(noun) L EH1 D\nlead(verb) L IY1 D\n");
  EXPECT_EQ(Phonemes("to lead the lead", {lexicon}), "T UW1 | L IY1 D | DH AH0 | L EH1 D");
}

TEST(UserLexiconTest, SourceIsReported) {
  ReadOptions options;
  options.user = {Lexicon("zorb Z AO1 R B")};
  const auto sentence = BuiltFrontend().Read("zorb", options).value()->Next();
  EXPECT_EQ(sentence->words[0].pronunciation, PronunciationSource::kUserLexicon);
  EXPECT_TRUE(sentence->warnings.empty());
}

TEST(UserLexiconTest, AllBadLinesAreNamed) {
  const std::string error = Error("fine F AY1 N\nalone\nbad QQ\nx /ǃ/\ny /k\nz = 5\nw(adj) W\na$b W\n");
  EXPECT_THAT(error, HasSubstr("my.lex:2: 'alone' lacks its phonemes"));
  EXPECT_THAT(error, HasSubstr("my.lex:3: unknown phoneme 'QQ'"));
  EXPECT_THAT(error, HasSubstr("my.lex:4: unknown IPA symbol"));
  EXPECT_THAT(error, HasSubstr("my.lex:5: IPA lacks its closing"));
  EXPECT_THAT(error, HasSubstr("my.lex:6: alias word '5'"));
  EXPECT_THAT(error, HasSubstr("my.lex:7: unknown tag '(adj)'"));
  EXPECT_THAT(error, HasSubstr("my.lex:8: 'a$b' is not one word"));
  EXPECT_THAT(error, Not(HasSubstr("my.lex:1:")));
}

TEST(UserLexiconTest, HostileTexts) {
  EXPECT_THAT(Error("a B\na B\n"), HasSubstr("my.lex:2: 'a' is here twice"));
  EXPECT_THAT(Error("ok K\nb\xff K\n"), HasSubstr("my.lex:2: invalid UTF-8"));
  EXPECT_THAT(Error(std::string("a\0b K", 5)), HasSubstr("my.lex:1"));
  EXPECT_THAT(Error(std::string(100, 'x') + " K"), HasSubstr("longer than 64 bytes"));
  EXPECT_THAT(Error("= x\n"), HasSubstr("lacks its word"));
  EXPECT_THAT(Error("x =\n"), HasSubstr("nothing after '='"));
  std::string many;
  for (int i = 0; i < 100; ++i) many += "bad\n";
  EXPECT_THAT(Error(many), HasSubstr("and 80 more"));
  std::string long_word = "x";
  for (int i = 0; i < 65; ++i) long_word += " K";
  EXPECT_THAT(Error(long_word), HasSubstr("more than 64 phonemes"));
  EXPECT_EQ(Error(""), "");
  EXPECT_EQ(Error("\xEF\xBB\xBF"), "");
}

TEST(UserLexiconTest, AnAliasHasSixteenWordsAtMost) {
  std::string alias = "abbr =";
  for (int i = 0; i < 16; ++i) alias += " word";
  EXPECT_EQ(Error(alias), "");
  EXPECT_THAT(Error(alias + " more"), HasSubstr("my.lex:1: more than 16 words after '='"));
}

}  // namespace
}  // namespace m2tts
