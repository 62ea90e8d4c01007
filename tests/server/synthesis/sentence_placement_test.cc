#include "server/synthesis/sentence_placement.h"

#include <gtest/gtest.h>

#include "core/text/phoneme.h"

namespace m2tts {
namespace {

PhonemeId Id(const char* symbol) {
  return PhonemeFromSymbol(symbol).value();
}

// "Hello you." with a pause between its words.
Sentence HelloYou() {
  Sentence sentence;
  sentence.words = {{"hello", {0, 5}, TokenClass::kWord, PronunciationSource::kLexicon},
                    {"you", {7, 10}, TokenClass::kWord, PronunciationSource::kLexicon}};
  sentence.phonemes = {{kBegin, Stress::kNone, -1},        {Id("HH"), Stress::kNone, 0},
                       {Id("AX"), Stress::kUnstressed, 0}, {Id("L"), Stress::kNone, 0},
                       {Id("OW"), Stress::kPrimary, 0},    {kShortPause, Stress::kNone, -1},
                       {Id("Y"), Stress::kNone, 1},        {Id("UW"), Stress::kSecondary, 1},
                       {kLongPause, Stress::kNone, -1},    {kEnd, Stress::kNone, -1}};
  sentence.normalized = "hello, you.";
  sentence.source = {0, 11};
  return sentence;
}
const std::vector<int64_t> kSamples = {256, 512, 256, 256, 1024, 512, 256, 768, 256, 256};

TEST(SentencePlacementTest, PlacesFollowTheSilenceBefore) {
  DeviceAudio audio;
  audio.samples.assign(1000, 0.0F);
  PlaceSentence(HelloYou(), kSamples, TimestampDetail::kPhonemes, &audio);
  ASSERT_EQ(audio.sentences.size(), 1u);
  EXPECT_EQ(audio.sentences[0].normalized, "hello, you.");
  EXPECT_EQ(audio.sentences[0].source.end, 11u);
  EXPECT_EQ(audio.sentences[0].first_sample, 1000);
  EXPECT_EQ(audio.sentences[0].sample_count, 4352);
  ASSERT_EQ(audio.words.size(), 2u);
  EXPECT_EQ(audio.words[0].first_sample, 1256);
  EXPECT_EQ(audio.words[0].sample_count, 2048);
  EXPECT_EQ(audio.words[1].first_sample, 3816);
  EXPECT_EQ(audio.words[1].sample_count, 1024);
}

TEST(SentencePlacementTest, PhonemesFillTheirWords) {
  DeviceAudio audio;
  PlaceSentence(HelloYou(), kSamples, TimestampDetail::kPhonemes, &audio);
  const std::vector<std::vector<std::string>> symbols = {{"HH", "AH0", "L", "OW1"}, {"Y", "UW2"}};
  for (size_t w = 0; w < 2; ++w) {
    const SpokenWord& word = audio.words[w];
    int64_t position = word.first_sample;
    ASSERT_EQ(word.phonemes.size(), symbols[w].size());
    for (size_t i = 0; i < symbols[w].size(); ++i) {
      EXPECT_EQ(word.phonemes[i].symbol, symbols[w][i]);
      EXPECT_EQ(word.phonemes[i].first_sample, position);
      position += word.phonemes[i].sample_count;
    }
    EXPECT_EQ(position, word.first_sample + word.sample_count);
  }
}

TEST(SentencePlacementTest, LessDetailIsLess) {
  Sentence sentence = HelloYou();
  sentence.marks = {{"first", {0, 0}, 1}, {"last", {0, 0}, 2}};
  DeviceAudio words, none;
  PlaceSentence(sentence, kSamples, TimestampDetail::kWords, &words);
  EXPECT_EQ(words.words.size(), 2u);
  EXPECT_TRUE(words.words[0].phonemes.empty());
  EXPECT_EQ(words.sentences.size(), 1u);
  PlaceSentence(sentence, kSamples, TimestampDetail::kNone, &none);
  EXPECT_TRUE(none.words.empty());
  EXPECT_TRUE(none.sentences.empty());
  ASSERT_EQ(none.marks.size(), 2u);
  EXPECT_EQ(none.marks[0].first_sample, 2816);
  EXPECT_EQ(none.marks[1].first_sample, 3840);
}

TEST(SentencePlacementTest, SentencesWithoutWordsKeepTheirMarks) {
  Sentence sentence;
  sentence.phonemes = {{kBegin, Stress::kNone, -1}, {kEnd, Stress::kNone, -1}};
  sentence.marks = {{"here", {0, 0}, 0}};
  DeviceAudio audio;
  audio.samples.assign(77, 0.0F);
  PlaceSentence(sentence, {256, 256}, TimestampDetail::kWords, &audio);
  ASSERT_EQ(audio.marks.size(), 1u);
  EXPECT_EQ(audio.marks[0].first_sample, 77);
}

}  // namespace
}  // namespace m2tts
