#include "core/text/markup/ssml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/text/markup/ssml_values.h"
#include "tests/core/text/text_test_util.h"

namespace m2tts {
namespace {

using ::testing::HasSubstr;

std::vector<Sentence> ReadSsml(const std::string& xml, std::vector<TextWarning>* trailing = nullptr) {
  ReadOptions options;
  options.ssml = true;
  auto reader = BuiltFrontend().Read(xml, options);
  EXPECT_TRUE(reader.ok()) << reader.status();
  std::vector<Sentence> sentences;
  if (!reader.ok()) return sentences;
  while (auto sentence = (*reader)->Next()) sentences.push_back(std::move(*sentence));
  if (trailing != nullptr) *trailing = (*reader)->trailing_warnings();
  return sentences;
}

std::string Words(const std::string& xml) {
  std::string words;
  for (const Sentence& sentence : ReadSsml(xml)) {
    for (const Word& word : sentence.words) words += (words.empty() ? "" : " ") + word.text;
  }
  return words;
}

std::vector<std::string> Warnings(const std::string& xml) {
  std::vector<std::string> messages;
  std::vector<TextWarning> trailing;
  for (const Sentence& sentence : ReadSsml(xml, &trailing)) {
    for (const TextWarning& warning : sentence.warnings) messages.push_back(warning.message);
  }
  for (const TextWarning& warning : trailing) messages.push_back(warning.message);
  return messages;
}

Status ErrorOf(const std::string& xml) {
  return ParseSsml(xml).status();
}

TEST(SsmlTest, PlainTextAndEntitiesKeepTheirRanges) {
  const std::string xml = "<speak>Salt &amp; pepper cost $5.</speak>";
  const auto sentences = ReadSsml(xml);
  ASSERT_EQ(sentences.size(), 1u);
  const auto& words = sentences[0].words;
  ASSERT_EQ(words.size(), 6u);
  const auto source = [&](size_t i) {
    return xml.substr(words[i].source.begin, words[i].source.end - words[i].source.begin);
  };
  EXPECT_EQ(source(0), "Salt");
  EXPECT_EQ(words[1].text, "and");
  EXPECT_EQ(source(1), "&amp;");
  EXPECT_EQ(source(5), "$5");
}

TEST(SsmlTest, SayAs) {
  const auto say_as = [](const std::string& type, const std::string& content) {
    return Words("<speak><say-as interpret-as=\"" + type + "\">" + content + "</say-as></speak>");
  };
  EXPECT_EQ(say_as("cardinal", "1984"), "one thousand nine hundred eighty four");
  EXPECT_EQ(say_as("cardinal", "-12"), "minus twelve");
  EXPECT_EQ(say_as("ordinal", "21"), "twenty first");
  EXPECT_EQ(say_as("ordinal", "3rd"), "third");
  EXPECT_EQ(say_as("digits", "2024"), "two zero two four");
  EXPECT_EQ(say_as("characters", "NASA-1"), "n a s a dash one");
  EXPECT_EQ(say_as("spell-out", "cat"), "c a t");
  EXPECT_EQ(say_as("telephone", "555 12"), "five five five one two");
  EXPECT_EQ(say_as("date", "10/6/2012"), "october sixth twenty twelve");
  EXPECT_EQ(say_as("time", "10:30"), "ten thirty");
  EXPECT_EQ(say_as("currency", "$5"), "five dollars");
  EXPECT_EQ(Words("<speak><say-as interpret-as='date' format='dmy'>10/6/2012</say-as></speak>"),
            "the tenth of june twenty twelve");
}

TEST(SsmlTest, SayAsThatDoesNotFitIsReadAndWarned) {
  const std::string xml = "<speak><say-as interpret-as='cardinal'>five</say-as></speak>";
  EXPECT_EQ(Words(xml), "five");
  EXPECT_THAT(Warnings(xml), ::testing::ElementsAre(HasSubstr("'five' does not fit")));
}

TEST(SsmlTest, PhonemesAndSubstitution) {
  const auto sentences = ReadSsml(
      "<speak><phoneme alphabet='ipa' ph='həˈloʊ'>xyz</phoneme> <sub alias='World Health'>WHO</sub></speak>");
  ASSERT_EQ(sentences.size(), 1u);
  EXPECT_EQ(FormatPhonemes(sentences[0]), "HH AH0 L OW1 | W ER1 L D | HH EH1 L TH");
  EXPECT_EQ(sentences[0].words[0].pronunciation, PronunciationSource::kInline);
  EXPECT_EQ(sentences[0].words[0].token_class, TokenClass::kMarkup);
  EXPECT_EQ(FormatPhonemes(ReadSsml("<speak><phoneme alphabet='ipa' ph='spik'>x</phoneme></speak>").at(0)),
            "S P IY1 K")
      << "ASCII may be IPA";
  EXPECT_EQ(FormatPhonemes(ReadSsml("<speak><phoneme alphabet='arpabet' ph='K AE1 T'/></speak>").at(0)),
            "K AE1 T");
}

TEST(SsmlTest, BreaksSplitAndPause) {
  const auto sentences =
      ReadSsml("<speak>one<break time='500ms'/>two. <break strength='none'/>three</speak>");
  ASSERT_EQ(sentences.size(), 3u);
  EXPECT_DOUBLE_EQ(sentences[0].pause_after.value(), 0.5);
  EXPECT_EQ(sentences[0].phonemes[sentences[0].phonemes.size() - 2].id, kShortPause);
  EXPECT_DOUBLE_EQ(sentences[1].pause_after.value(), 0.0);
  EXPECT_FALSE(sentences[2].pause_after.has_value());
  const auto twice = ReadSsml("<speak>a<break time='1s'/> <break time='2s'/>b</speak>");
  EXPECT_DOUBLE_EQ(twice.at(0).pause_after.value(), 3.0);
  const auto start = ReadSsml("<speak><break time='1s'/> <break time='2s'/>a</speak>");
  EXPECT_DOUBLE_EQ(start.at(0).pause_before.value(), 3.0);
  EXPECT_FALSE(start.at(0).pause_after.has_value());
  const auto nothing = ReadSsml("<speak>a<break time='1s'/> ... <break time='2s'/>b</speak>");
  EXPECT_DOUBLE_EQ(nothing.at(0).pause_after.value(), 1.0);
  EXPECT_DOUBLE_EQ(nothing.at(1).pause_before.value(), 2.0) << "a stretch without words keeps its pause";
  std::string many = "<speak>a";
  for (int i = 0; i < 1000; ++i) many += "<break time='10s'/>";
  EXPECT_DOUBLE_EQ(ReadSsml(many + "b</speak>").at(0).pause_after.value(), kMaxBreakSeconds);
  const auto end = ReadSsml("<speak>a<break time='1s'/></speak>");
  EXPECT_DOUBLE_EQ(end.at(0).pause_after.value(), 1.0);
}

TEST(SsmlTest, ProsodyNestsAndEnds) {
  const auto sentences = ReadSsml(
      "<speak>a <prosody rate='50%' volume='+6dB'>b <prosody pitch='+2st' rate='slow'>c</prosody></prosody> "
      "d</speak>");
  ASSERT_EQ(sentences.size(), 4u);
  EXPECT_EQ(sentences[0].prosody, Prosody());
  EXPECT_DOUBLE_EQ(sentences[0].pause_after.value(), 0.0);
  EXPECT_DOUBLE_EQ(sentences[1].prosody.rate, 0.5);
  EXPECT_NEAR(sentences[1].prosody.volume, 1.995, 1e-3);
  EXPECT_DOUBLE_EQ(sentences[2].prosody.rate, 0.375);
  EXPECT_DOUBLE_EQ(sentences[2].prosody.pitch, 2.0);
  EXPECT_EQ(sentences[3].prosody, Prosody());
  const auto ended = ReadSsml("<speak><prosody rate='fast'>One.</prosody> Two.</speak>");
  EXPECT_FALSE(ended.at(0).pause_after.has_value()) << "a sentence that ended keeps its usual pause";
  EXPECT_GT(ReadSsml("<speak><emphasis level='strong'>no</emphasis></speak>").at(0).prosody.pitch, 0);
}

TEST(SsmlTest, ParagraphsAndSentences) {
  const auto sentences = ReadSsml("<speak><p><s>One</s><s>Two</s></p><p>Dr. Three</p></speak>");
  ASSERT_EQ(sentences.size(), 3u);
  EXPECT_FALSE(sentences[0].ends_paragraph);
  EXPECT_TRUE(sentences[1].ends_paragraph);
  EXPECT_EQ(sentences[2].normalized, "doctor three");
}

TEST(SsmlTest, MarksKnowTheirWord) {
  const auto sentences =
      ReadSsml("<speak><mark name='a'/>One <mark name='b'/>two. Three.<mark name='c'/></speak>");
  ASSERT_EQ(sentences.size(), 2u);
  ASSERT_EQ(sentences[0].marks.size(), 2u);
  EXPECT_EQ(sentences[0].marks[0].before_word, 0u);
  EXPECT_EQ(sentences[0].marks[1].name, "b");
  EXPECT_EQ(sentences[0].marks[1].before_word, 1u);
  ASSERT_EQ(sentences[1].marks.size(), 1u);
  EXPECT_EQ(sentences[1].marks[0].before_word, 1u);
}

TEST(SsmlTest, WhatIsNotSupportedIsWarnedAndRead) {
  EXPECT_THAT(Warnings("<speak><audio src='x'>yes</audio></speak>"),
              ::testing::ElementsAre(HasSubstr("<audio>")));
  EXPECT_EQ(Words("<speak><audio src='x'>yes</audio></speak>"), "yes");
  EXPECT_THAT(Warnings("<speak><break tune='x'/>a</speak>"),
              ::testing::ElementsAre(HasSubstr("attribute 'tune'")));
  EXPECT_THAT(Warnings("<speak><break time='soon'/>a</speak>"), ::testing::ElementsAre(HasSubstr("500ms")));
  EXPECT_THAT(Warnings("<speak>a<break time='99s'/></speak>"),
              ::testing::ElementsAre(HasSubstr("shortened")));
  EXPECT_THAT(Warnings("<speak><lang xml:lang='fr'>oui</lang></speak>"),
              ::testing::Contains(HasSubstr("'fr'")));
  EXPECT_THAT(Warnings("<speak><phoneme ph='QQ'>cat</phoneme></speak>"),
              ::testing::Contains(HasSubstr("QQ")));
  EXPECT_THAT(Warnings("<speak version='1.1' xmlns='x' xml:lang='en-GB'><p xml:lang='de'>ja</p></speak>"),
              ::testing::ElementsAre(HasSubstr("'de'")));
  EXPECT_THAT(Warnings("<speak><s color='x'>a</s></speak>"),
              ::testing::ElementsAre(HasSubstr("'color' of <s>")));
  EXPECT_THAT(Warnings("<speak><say-as interpret-as='digits'><phoneme ph='K'>1</phoneme></say-as></speak>"),
              ::testing::ElementsAre(HasSubstr("inside one another")));
  EXPECT_THAT(Warnings("<speak><say-as interpret-as='time'>soon</say-as></speak>"),
              ::testing::ElementsAre(HasSubstr("'soon' does not fit")));
  EXPECT_THAT(Warnings("<speak><prosody rate='warp'>a</prosody></speak>"),
              ::testing::Contains(HasSubstr("warp")));
  EXPECT_THAT(Warnings("<speak><say-as interpret-as='poem'>a</say-as></speak>"),
              ::testing::Contains(HasSubstr("poem")));
}

TEST(SsmlTest, MalformedTextIsRefusedWithItsPlace) {
  EXPECT_THAT(std::string(ErrorOf("<speak>\n a<b></speak>").message()), HasSubstr("line 2 column"));
  EXPECT_THAT(std::string(ErrorOf("<foo/>").message()), HasSubstr("must be <speak>"));
  EXPECT_THAT(std::string(ErrorOf("plain").message()), HasSubstr("line 1 column"));
  for (const char* bad : {"", "<speak>", "<speak>&nbsp;</speak>", "<speak a='1' a='2'/>", "<speak/><speak/>",
                          "<", "<speak>\x01</speak>"}) {
    EXPECT_EQ(ErrorOf(bad).code(), StatusCode::kInvalidArgument) << bad;
  }
}

TEST(SsmlTest, BombsAreRefused) {
  const std::string entities = "<!DOCTYPE s [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><speak>&b;</speak>";
  EXPECT_THAT(std::string(ErrorOf(entities).message()), HasSubstr("document type"));
  std::string deep = "<speak>";
  for (int i = 0; i < 100000; ++i) deep += "<p>";
  EXPECT_THAT(std::string(ErrorOf(deep).message()), HasSubstr("deeper than 32"));
  std::string many = "<speak>";
  for (int i = 0; i < 20000; ++i) many += "<break/><mark name='m'/>x ";
  EXPECT_EQ(ReadSsml(many + "</speak>").size(), 20000u);
}

TEST(SsmlTest, EveryTruncationIsReadOrRefused) {
  const std::string xml =
      "<speak>Hé <break time='1s'/><prosody rate='slow'>b</prosody><phoneme ph='K AE1 T'>c</phoneme><sub "
      "alias='d'>e</sub><say-as interpret-as='digits'>12</say-as></speak>";
  for (size_t end = 0; end < xml.size(); ++end) {
    EXPECT_EQ(ErrorOf(xml.substr(0, end)).code(), StatusCode::kInvalidArgument) << end;
  }
  EXPECT_TRUE(ErrorOf(xml).ok());
}

TEST(SsmlTest, ElementsWithoutWhatTheyNeedAreWarned) {
  EXPECT_THAT(Warnings("<speak><sub>WHO</sub></speak>"),
              ::testing::ElementsAre("<sub> without alias has no effect"));
  EXPECT_THAT(Warnings("<speak><sub alias=' '>WHO</sub></speak>"),
              ::testing::ElementsAre("<sub> without alias has no effect"));
  EXPECT_EQ(Words("<speak><sub>cat</sub></speak>"), "cat") << "its content is read";
  EXPECT_THAT(Warnings("<speak><mark/>a</speak>"),
              ::testing::ElementsAre("<mark> without name has no effect"));
  EXPECT_TRUE(ReadSsml("<speak><mark/>a</speak>").at(0).marks.empty());
  EXPECT_THAT(Warnings("<speak>a <speak>b</speak></speak>"),
              ::testing::ElementsAre("<speak> inside <speak> has no effect"));
  EXPECT_EQ(Words("<speak>cat <speak>dog</speak></speak>"), "cat dog");
}

TEST(SsmlTest, BadValuesAreWarnedWithWhatIsPossible) {
  const struct {
    const char* xml;
    const char* warning;
  } kCases[] = {
      {"<break strength='huge'/>a",
       "<break strength=\"huge\">: the value must be none, x-weak, weak, medium"},
      {"<prosody pitch='up'>a</prosody>", "<prosody pitch=\"up\">: the value must be x-low to x-high"},
      {"<prosody volume='11'>a</prosody>", "<prosody volume=\"11\">: the value must be silent to x-loud"},
      {"<prosody range='high'>a</prosody>", "attribute 'range' of <prosody> is not supported"},
      {"<emphasis level='huge'>a</emphasis>",
       "<emphasis level=\"huge\">: the value must be strong, moderate"},
      {"<emphasis kind='x'>a</emphasis>", "attribute 'kind' of <emphasis> is not supported"},
      {"<phoneme alphabet='sampa' ph='K AE1 T'>cat</phoneme>",
       "<phoneme alphabet=\"sampa\">: the value must be ipa or arpabet"},
      {"<say-as interpret-as='digits' kind='x'>1</say-as>", "attribute 'kind' of <say-as> is not supported"},
  };
  for (const auto& item : kCases) {
    EXPECT_THAT(Warnings(std::string("<speak>") + item.xml + "</speak>"),
                ::testing::ElementsAre(HasSubstr(item.warning)))
        << item.xml;
  }
  // What is wrong changes nothing.
  EXPECT_EQ(ReadSsml("<speak><emphasis level='huge'>a</emphasis></speak>").at(0).prosody, Prosody());
  EXPECT_EQ(ReadSsml("<speak><prosody volume='11'>a</prosody></speak>").at(0).prosody, Prosody());
}

TEST(SsmlTest, SayAsKnowsOtherNamesToo) {
  EXPECT_EQ(Words("<speak><say-as interpret-as='number'>12</say-as></speak>"), "twelve");
  EXPECT_EQ(Words("<speak><say-as interpret-as='verbatim'>cat</say-as></speak>"), "c a t");
  EXPECT_THAT(Warnings("<speak><say-as interpret-as='digits' detail='1'>12</say-as></speak>"),
              ::testing::ElementsAre());
}

TEST(SsmlTest, EmphasisHasDegrees) {
  const auto prosody = [](const std::string& attributes) {
    const auto sentences = ReadSsml("<speak><emphasis" + attributes + ">no</emphasis></speak>");
    EXPECT_EQ(sentences.size(), 1u);
    return sentences.empty() ? Prosody() : sentences[0].prosody;
  };
  const Prosody strong = prosody(" level='strong'"), moderate = prosody(" level='moderate'"),
                reduced = prosody(" level='reduced'");
  EXPECT_EQ(prosody(" level='none'"), Prosody());
  EXPECT_EQ(prosody(""), moderate) << "the default";
  EXPECT_LT(strong.rate, moderate.rate);
  EXPECT_LT(moderate.rate, 1.0);
  EXPECT_GT(strong.pitch, moderate.pitch);
  EXPECT_GT(moderate.pitch, 0.0);
  EXPECT_GT(strong.volume, moderate.volume);
  EXPECT_GT(moderate.volume, 1.0);
  EXPECT_GT(reduced.rate, 1.0);
  EXPECT_LT(reduced.pitch, 0.0);
  EXPECT_LT(reduced.volume, 1.0);
}

TEST(SsmlTest, NestedProsodyStaysWithinItsLimits) {
  const auto prosody = [](const std::string& outer, const std::string& inner) {
    const auto sentences =
        ReadSsml("<speak><prosody " + outer + "><prosody " + inner + ">a</prosody></prosody></speak>");
    EXPECT_EQ(sentences.size(), 1u) << outer;
    return sentences.empty() ? Prosody() : sentences[0].prosody;
  };
  EXPECT_DOUBLE_EQ(prosody("rate='x-fast'", "rate='400%'").rate, 4.0);
  EXPECT_DOUBLE_EQ(prosody("rate='x-slow'", "rate='25%'").rate, 0.25);
  EXPECT_DOUBLE_EQ(prosody("pitch='x-high'", "pitch='+9st'").pitch, 12.0);
  EXPECT_DOUBLE_EQ(prosody("pitch='x-low'", "pitch='-9st'").pitch, -12.0);
  EXPECT_DOUBLE_EQ(prosody("volume='x-loud'", "volume='+12dB'").volume, 4.0);
  EXPECT_DOUBLE_EQ(prosody("volume='silent'", "volume='loud'").volume, 0.0);
}

TEST(SsmlTest, ATimeCountsMoreThanAStrength) {
  const auto pause = [](const std::string& attributes) {
    return ReadSsml("<speak>a<break" + attributes + "/>b</speak>").at(0).pause_after.value_or(-1.0);
  };
  EXPECT_DOUBLE_EQ(pause(" time='2s' strength='weak'"), 2.0);
  EXPECT_DOUBLE_EQ(pause(" strength='weak' time='2s'"), 2.0);
  EXPECT_DOUBLE_EQ(pause(" strength='weak' time='soon'"), pause(" strength='weak'"));
  EXPECT_DOUBLE_EQ(pause(""), pause(" strength='medium'")) << "the default";
}

TEST(SsmlValuesTest, ReadsNumbersWithUnits) {
  EXPECT_DOUBLE_EQ(ParseSsmlTime("1.5s").value(), 1.5);
  EXPECT_DOUBLE_EQ(ParseSsmlTime("+250ms").value(), 0.25);
  EXPECT_DOUBLE_EQ(ParseSsmlRate("+20%").value(), 1.2);
  EXPECT_DOUBLE_EQ(ParseSsmlRate("1.5").value(), 1.5);
  EXPECT_DOUBLE_EQ(ParseSsmlPitch("-3st").value(), -3.0);
  EXPECT_NEAR(ParseSsmlPitch("+100%").value(), 12.0, 1e-9);
  EXPECT_NEAR(ParseSsmlVolume("-20dB").value(), 0.1, 1e-9);
  for (const char* bad : {"", "s", "-1s", "1", "1e3s", "infs", "..s", "1 s"})
    EXPECT_FALSE(ParseSsmlTime(bad)) << bad;
  for (const char* bad : {"", "0", "-100%", "-5", "fastest", "nan"}) EXPECT_FALSE(ParseSsmlRate(bad)) << bad;
  for (const char* bad : {"", "2st", "+2", "-100%", "high st"}) EXPECT_FALSE(ParseSsmlPitch(bad)) << bad;
  for (const char* bad : {"", "6dB", "+6", "loudest"}) EXPECT_FALSE(ParseSsmlVolume(bad)) << bad;
}

TEST(SsmlValuesTest, ReadsNames) {
  const auto rises = [](std::optional<double> (*parse)(std::string_view),
                        const std::vector<std::string>& names) {
    for (size_t i = 0; i < names.size(); ++i) {
      ASSERT_TRUE(parse(names[i]).has_value()) << names[i];
      if (i > 0) {
        EXPECT_LT(*parse(names[i - 1]), *parse(names[i])) << names[i];
      }
    }
  };
  rises(&ParseSsmlBreakStrength, {"none", "x-weak", "weak", "medium", "strong", "x-strong"});
  rises(&ParseSsmlRate, {"x-slow", "slow", "medium", "fast", "x-fast"});
  rises(&ParseSsmlPitch, {"x-low", "low", "medium", "high", "x-high"});
  rises(&ParseSsmlVolume, {"silent", "x-soft", "soft", "medium", "loud", "x-loud"});
  EXPECT_DOUBLE_EQ(ParseSsmlBreakStrength("none").value(), 0.0);
  EXPECT_DOUBLE_EQ(ParseSsmlVolume("silent").value(), 0.0);
  // "medium" and "default" leave everything as it is.
  for (const char* plain : {"medium", "default"}) {
    EXPECT_DOUBLE_EQ(ParseSsmlRate(plain).value(), 1.0) << plain;
    EXPECT_DOUBLE_EQ(ParseSsmlPitch(plain).value(), 0.0) << plain;
    EXPECT_DOUBLE_EQ(ParseSsmlVolume(plain).value(), 1.0) << plain;
  }
  for (const char* bad : {"", "default", "huge", "Strong", "0.5"}) {
    EXPECT_FALSE(ParseSsmlBreakStrength(bad)) << bad;
  }
}

}  // namespace
}  // namespace m2tts
