#include "client/timestamps/timestamp_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/json.h"
#include "client/timestamps/subtitle_cues.h"

namespace m2tts {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// Speech whose words last 100 samples at 1000 Hz; a sentence per line of `text`, 50 samples apart.
class SpeechMaker {
 public:
  explicit SpeechMaker(const std::string& text) {
    speech_.text = text;
    speech_.sample_rate = 1000;
  }
  // `words` must follow each other in the text.
  SpeechMaker& Sentence(const std::vector<std::string>& words) {
    v1::SentenceTiming sentence;
    sentence.set_first_sample(at_);
    size_t begin = std::string::npos;
    for (const std::string& word : words) {
      v1::WordTiming timing;
      const size_t place = speech_.text.find(word, from_);
      if (begin == std::string::npos) begin = place;
      from_ = place + word.size();
      timing.set_text(word);
      timing.mutable_source()->set_begin(static_cast<int64_t>(place));
      timing.mutable_source()->set_end(static_cast<int64_t>(from_));
      timing.set_first_sample(at_);
      timing.set_sample_count(100);
      auto* phoneme = timing.add_phonemes();
      phoneme->set_symbol("AH0");
      phoneme->set_first_sample(at_);
      phoneme->set_sample_count(100);
      at_ += 100;
      speech_.words.push_back(timing);
    }
    if (from_ < speech_.text.size()) ++from_;  // the full stop
    sentence.mutable_source()->set_begin(static_cast<int64_t>(begin));
    sentence.mutable_source()->set_end(static_cast<int64_t>(from_));
    sentence.set_text("normalized");
    sentence.set_sample_count(at_ - sentence.first_sample());
    speech_.sentences.push_back(sentence);
    at_ += 50;
    return *this;
  }
  TimedSpeech Done() {
    speech_.total_samples = at_;
    return speech_;
  }

 private:
  TimedSpeech speech_;
  int64_t at_ = 0;
  size_t from_ = 0;
};

TEST(TimestampFormatTest, SuffixesInAnyCase) {
  EXPECT_EQ(TimestampFormatOf("a.json").value(), TimestampFormat::kJson);
  EXPECT_EQ(TimestampFormatOf("a.b/c.SRT").value(), TimestampFormat::kSrt);
  EXPECT_EQ(TimestampFormatOf("x.vtt").value(), TimestampFormat::kVtt);
  EXPECT_EQ(TimestampFormatOf("x.TextGrid").value(), TimestampFormat::kTextGrid);
  for (const char* bad : {"", "x", "srt", "x.txt", "x.srt/"}) {
    EXPECT_THAT(std::string(TimestampFormatOf(bad).status().message()), HasSubstr(".TextGrid")) << bad;
  }
}

TEST(SubtitleTest, SrtIsAsWritten) {
  const auto speech =
      SpeechMaker("It is $5 &\n more.  Well!").Sentence({"It", "is", "$5", "more"}).Sentence({"Well"}).Done();
  EXPECT_EQ(FormatTimestamps(speech, TimestampFormat::kSrt),
            "1\n00:00:00,000 --> 00:00:00,400\nIt is $5 & more.\n\n"
            "2\n00:00:00,450 --> 00:00:00,550\nWell!\n\n");
  EXPECT_EQ(FormatTimestamps(speech, TimestampFormat::kVtt),
            "WEBVTT\n\n00:00:00.000 --> 00:00:00.400\nIt is $5 &amp; more.\n\n"
            "00:00:00.450 --> 00:00:00.550\nWell!\n\n");
}

TEST(SubtitleTest, LongSentencesAreCutBetweenWords) {
  std::string text;
  std::vector<std::string> words;
  for (int i = 0; i < 40; ++i) {
    words.push_back("word" + std::to_string(i));
    text += words.back() + (i == 39 ? "." : ", ");
  }
  const auto cues = MakeSubtitleCues(SpeechMaker(text).Sentence(words).Done());
  ASSERT_GT(cues.size(), 3u);
  std::string joined;
  double end = 0.0;
  for (const SubtitleCue& cue : cues) {
    EXPECT_LE(cue.text.size(), 84u);
    EXPECT_GT(cue.text.size(), 20u);
    EXPECT_DOUBLE_EQ(cue.start, end);
    end = cue.end;
    joined += (joined.empty() ? "" : " ") + cue.text;
  }
  EXPECT_EQ(joined, text);
  EXPECT_DOUBLE_EQ(end, 4.0);
}

TEST(SubtitleTest, OneTokenOfSeveralWordsIsNotCut) {
  auto speech = SpeechMaker(std::string(80, 'x') + " $5").Sentence({std::string(80, 'x'), "$5"}).Done();
  speech.words.push_back(speech.words.back());  // "five" and "dollars"
  speech.words.back().set_first_sample(150);
  const auto cues = MakeSubtitleCues(speech);
  ASSERT_EQ(cues.size(), 1u);
  EXPECT_EQ(cues[0].text, std::string(80, 'x') + " $5");
}

TEST(SubtitleTest, SsmlIsShownAsSpoken) {
  auto speech = SpeechMaker("<p>Hi</p>").Sentence({"Hi"}).Done();
  speech.ssml = true;
  EXPECT_EQ(MakeSubtitleCues(speech)[0].text, "normalized");
}

TEST(SubtitleTest, RangesOutsideTheTextAreHarmless) {
  auto speech = SpeechMaker("Hello you.").Sentence({"Hello", "you"}).Done();
  for (const auto& [begin, end] : std::vector<std::pair<int64_t, int64_t>>{{-5, 3}, {0, 1000}, {9, 2}}) {
    speech.sentences[0].mutable_source()->set_begin(begin);
    speech.sentences[0].mutable_source()->set_end(end);
    EXPECT_TRUE(MakeSubtitleCues(speech).empty());
  }
}

TEST(TextGridTest, TiersCoverTheAudio) {
  auto speech = SpeechMaker("Say it. \"No\".").Sentence({"Say", "it"}).Sentence({"\"No\""}).Done();
  const std::string grid = FormatTimestamps(speech, TimestampFormat::kTextGrid);
  EXPECT_THAT(
      grid,
      StartsWith("File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\nxmin = 0\nxmax = 0.400000\n"));
  EXPECT_THAT(
      grid,
      HasSubstr("name = \"words\"\n        xmin = 0\n        xmax = 0.400000\n        intervals: size = 5"));
  EXPECT_THAT(grid, HasSubstr("intervals [4]:\n            xmin = 0.250000\n            xmax = 0.350000\n"
                              "            text = \"\"\"No\"\"\"\n"));
  EXPECT_THAT(grid, HasSubstr("intervals [5]:\n            xmin = 0.350000\n            xmax = 0.400000\n"
                              "            text = \"\"\n"));
  // Places beyond the audio are cut, not written.
  speech.total_samples = 120;
  EXPECT_THAT(FormatTimestamps(speech, TimestampFormat::kTextGrid),
              HasSubstr("xmin = 0.100000\n            xmax = 0.120000"));
}

TEST(TimestampJsonTest, HoldsEverything) {
  const auto speech = SpeechMaker("Say it.").Sentence({"Say", "it"}).Done();
  const Json json = Json::parse(FormatTimestamps(speech, TimestampFormat::kJson));
  EXPECT_EQ(json["sample_rate_hertz"], 1000);
  EXPECT_EQ(json["sentences"][0]["end_seconds"], 0.2);
  EXPECT_EQ(json["words"][1]["start_seconds"], 0.1);
  EXPECT_EQ(json["words"][1]["phonemes"][0]["symbol"], "AH0");
}

TEST(TimestampDetailTest, PhonemesOnlyWhereTheyAreWritten) {
  EXPECT_EQ(TimestampsFor(TimestampFormat::kSrt), v1::TIMESTAMPS_WORDS);
  EXPECT_EQ(TimestampsFor(TimestampFormat::kTextGrid), v1::TIMESTAMPS_PHONEMES);
}

}  // namespace
}  // namespace m2tts
