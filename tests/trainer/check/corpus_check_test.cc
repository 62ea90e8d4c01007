#include "trainer/check/corpus_check.h"

#include <gmock/gmock.h>

#include <cstring>

#include "tests/trainer/check/check_corpus_fixture.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class CorpusCheckTest : public CheckCorpusFixture {
 protected:
  static constexpr const char* kText = "A sentence about something else entirely.";

  // The one finding of the corpus, which must be of this kind.
  static Finding Only(const CheckReport& report, FindingKind kind) {
    EXPECT_EQ(report.problems() + report.notes(), 1u) << FormatCheckText(report, 5);
    EXPECT_EQ(report.of(kind).size(), 1u) << FormatCheckText(report, 5);
    return report.of(kind).empty() ? Finding() : report.of(kind).front();
  }
  // The finding when the clip of line 13 is the only one that is not good.
  Finding OnlyAfterGood(FindingKind kind) {
    const Finding finding = Only(Check(), kind);
    EXPECT_EQ(finding.id, "bad");
    EXPECT_EQ(finding.where, (root_ / "metadata.csv").string() + ":13");
    return finding;
  }
};

// Two samples, the first of them NaN.
std::string FloatWavWithNan() {
  std::string wav(
      "RIFF\x2c\0\0\0WAVEfmt \x10\0\0\0\x03\0\x01\0\x80\x3e\0\0\0\xfa\0\0\x04\0\x20\0data\x08\0\0\0", 44);
  wav += std::string("\0\0\xc0\x7f\0\0\0\0", 8);
  return wav;
}

TEST_F(CorpusCheckTest, FindsNothingInGoodClips) {
  PutGoodClips();
  std::vector<size_t> done;
  const CheckReport report = Check([&](size_t d, size_t total) {
    EXPECT_EQ(total, 12u);
    done.push_back(d);
  });
  EXPECT_EQ(report.problems() + report.notes(), 0u) << FormatCheckText(report, 5);
  EXPECT_EQ(report.clips, 12);
  ASSERT_EQ(done.size(), 12u);
  EXPECT_EQ(done.back(), 12u);
  EXPECT_EQ(report.formats.at({kRate, 1}), 12);
  EXPECT_NEAR(report.phonemes_per_second.median, 12.0, 0.1);
  EXPECT_NEAR(report.level_dbfs.median, 10 * std::log10(0.045), 0.1);
}

TEST_F(CorpusCheckTest, ADummyCorpusHasNoProblem) {
  ASSERT_TRUE(WriteDummyCorpus(root_, 40, 22050).ok());
  const auto report = CheckCorpus(root_, *frontend_, {}, nullptr);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->problems(), 0u) << FormatCheckText(*report, 5);
  EXPECT_EQ(report->clips, 40);
}

TEST_F(CorpusCheckTest, NamesBadRowsByLineAndGoesOn) {
  PutGoodClips();
  metadata_ += "too|many|columns|here\nmissing|A text without sound.\ngood1|Again.\n\xff\x1b|x\ngood1\n";
  const CheckReport report = Check();
  const auto& rows = report.of(FindingKind::kBadRow);
  ASSERT_EQ(rows.size(), 5u);
  for (size_t i = 0; i < rows.size(); ++i) {
    EXPECT_THAT(rows[i].detail, HasSubstr(fmt::format("metadata.csv:{}: ", 13 + i)));
  }
  EXPECT_EQ(report.problems(), 5u);
  EXPECT_EQ(report.clips, 12);
}

TEST_F(CorpusCheckTest, ReportsACorpusOfBadRowsAlone) {
  metadata_ = "a|b|c|d\nmissing|text\n";
  const CheckReport report = Check();
  EXPECT_EQ(report.of(FindingKind::kBadRow).size(), 2u);
  EXPECT_EQ(report.clips, 0);
  EXPECT_THAT(FormatCheckText(report, 5), HasSubstr("Problems: 2"));
}

TEST_F(CorpusCheckTest, FindsATruncatedFile) {
  PutGoodClips();
  const auto bytes = EncodeAudio(Speech(kText, 50), kRate, AudioEncoding::kWav);
  ASSERT_TRUE(bytes.ok());
  PutBytes("bad", kText, bytes->substr(0, bytes->size() / 2));
  EXPECT_THAT(OnlyAfterGood(FindingKind::kUnreadableAudio).detail, HasSubstr("truncated"));
}

TEST_F(CorpusCheckTest, FindsSamplesThatAreNoNumbers) {
  PutGoodClips();
  PutBytes("bad", kText, FloatWavWithNan());
  EXPECT_THAT(OnlyAfterGood(FindingKind::kUnreadableAudio).detail, HasSubstr("not a finite number"));
}

TEST_F(CorpusCheckTest, FindsFilesThatAreNoAudio) {
  PutGoodClips();
  PutBytes("bad", kText, "");
  PutBytes("worse", kText, "#!/bin/sh\n");
  EXPECT_EQ(Check().of(FindingKind::kUnreadableAudio).size(), 2u);
}

TEST_F(CorpusCheckTest, FindsASilentClip) {
  PutGoodClips();
  Put("bad", kText, std::vector<float>(kRate * 2));
  OnlyAfterGood(FindingKind::kSilent);
}

TEST_F(CorpusCheckTest, FindsAClippedClip) {
  PutGoodClips();
  auto wave = Speech(kText, 50);
  for (float& x : wave) x *= 3.4f;  // peaks at 1.02
  Put("bad", kText, wave);
  const CheckReport report = Check();
  ASSERT_EQ(report.of(FindingKind::kClipping).size(), 1u);
  EXPECT_EQ(report.of(FindingKind::kClipping)[0].id, "bad");
  EXPECT_EQ(report.problems(), 1u);
  EXPECT_EQ(report.of(FindingKind::kLevel).size(), 1u);  // it is 10 dB louder, too
}

TEST_F(CorpusCheckTest, FindsAnOffset) {
  PutGoodClips();
  auto wave = Speech(kText, 50);
  for (float& x : wave) x += 0.05f;
  Put("bad", kText, wave);
  EXPECT_THAT(OnlyAfterGood(FindingKind::kOffset).detail, HasSubstr("+0.050"));
}

TEST_F(CorpusCheckTest, FindsLongSilence) {
  PutGoodClips();
  auto wave = Speech(kText, 50);
  wave.insert(wave.begin(), kRate * 3 / 2, 0.0f);
  Put("bad", kText, wave);
  EXPECT_THAT(OnlyAfterGood(FindingKind::kSilentEnds).detail, HasSubstr("1.50 s before"));
}

TEST_F(CorpusCheckTest, FindsALongPauseAndDoesNotCallItSlow) {
  PutGoodClips();
  auto wave = Speech(kText, 50);
  wave.insert(wave.begin() + kRate, kRate * 5, 0.0f);
  Put("bad", kText, wave);
  EXPECT_THAT(OnlyAfterGood(FindingKind::kLongPause).detail, HasSubstr("5.0"));
}

TEST_F(CorpusCheckTest, FindsClipsOutsideTheLengthLimits) {
  PutGoodClips();
  Put("short", "Oh.", std::vector<float>(kRate / 5, 0.0f));
  std::string text;
  for (const char* one : {"The king", "the farmer", "the sailor", "a teacher", "the old man", "my sister"}) {
    text += fmt::format("{} saw that many people were walking on the road, ", one);
  }
  Put("long", text, Speech(text, 51));
  const auto blip = Speech("Oh, no.", 52);
  Put("blip", "No.", {blip.begin(), blip.begin() + kRate / 5});
  const CheckReport report = Check();
  ASSERT_EQ(report.of(FindingKind::kTooLong).size(), 1u);
  EXPECT_EQ(report.of(FindingKind::kTooLong)[0].id, "long");
  ASSERT_EQ(report.of(FindingKind::kTooShort).size(), 1u);
  EXPECT_EQ(report.of(FindingKind::kTooShort)[0].id, "blip");
  EXPECT_EQ(report.of(FindingKind::kSilent).size(), 1u);
  EXPECT_EQ(report.duration_histogram[0], 2);
}

TEST_F(CorpusCheckTest, FindsALevelUnlikeTheOthers) {
  PutGoodClips();
  auto wave = Speech(kText, 50);
  for (float& x : wave) x *= 0.2f;
  Put("bad", kText, wave);
  EXPECT_THAT(OnlyAfterGood(FindingKind::kLevel).detail, HasSubstr("-14.0 dB"));
}

TEST_F(CorpusCheckTest, FindsATranscriptOfAnotherLength) {
  PutGoodClips();
  Put("bad", "Only three words.",
      Speech("A much longer sentence that has nothing to do with the text of it.", 50));
  const Finding finding = OnlyAfterGood(FindingKind::kWrongTime);
  EXPECT_THAT(finding.detail, HasSubstr("Only three words"));
}

TEST_F(CorpusCheckTest, NotesATextThatTakesUnusuallyLong) {
  PutGoodClips();
  auto wave = Speech(kText, 50);
  const size_t half = wave.size() / 2;
  wave.insert(wave.end(), wave.begin(), wave.begin() + static_cast<ptrdiff_t>(half));
  Put("bad", kText, wave);
  OnlyAfterGood(FindingKind::kUnusualTime);
}

TEST_F(CorpusCheckTest, FindsMorePhonemesThanAnybodyCanSay) {
  const std::string text = "Nobody could possibly say all of this in half a second.";
  auto wave = Speech(text, 0);
  wave.resize(kRate / 2);
  Put("bad", text, wave);
  EXPECT_EQ(Check().of(FindingKind::kWrongTime).size(), 1u);
}

TEST_F(CorpusCheckTest, FindsTranscriptsThatCannotBeRead) {
  PutGoodClips();
  Put("bad", "A caf\xE9 in Latin one.", Speech(kText, 50));
  EXPECT_THAT(OnlyAfterGood(FindingKind::kUnreadableText).detail, HasSubstr("UTF-8"));
}

TEST_F(CorpusCheckTest, FindsAnotherScript) {
  PutGoodClips();
  Put("bad", "A sentence about \xD0\xB4\xD0\xB0 something else entirely.", Speech(kText, 50));
  OnlyAfterGood(FindingKind::kUnreadScript);
}

TEST_F(CorpusCheckTest, TellsRepeatedAudioWithOtherTextFromRepeatedClips) {
  PutGoodClips();
  const std::string text = "There were many apples near the farms.";  // good0
  Put("again", "there were many apples, near the farms", Speech(text, 0));
  Put("other", "There were many people near the cars.", Speech(text, 0));
  Put("said_twice", text, Speech(text, 60));
  const CheckReport report = Check();
  ASSERT_EQ(report.of(FindingKind::kSameAudio).size(), 1u);
  EXPECT_EQ(report.of(FindingKind::kSameAudio)[0].id, "again");
  EXPECT_THAT(report.of(FindingKind::kSameAudio)[0].detail, HasSubstr("good0"));
  ASSERT_EQ(report.of(FindingKind::kSameAudioOtherText).size(), 1u);
  EXPECT_EQ(report.of(FindingKind::kSameAudioOtherText)[0].id, "other");
  ASSERT_EQ(report.of(FindingKind::kSameText).size(), 1u);
  EXPECT_EQ(report.of(FindingKind::kSameText)[0].id, "said_twice");
  EXPECT_EQ(report.problems(), 1u);
}

TEST_F(CorpusCheckTest, CountsSampleRatesAndChannels) {
  PutGoodClips();
  Put("other", kText, Speech(kText + std::string(" And more."), 50), 22050);
  const CheckReport report = Check();
  EXPECT_EQ(report.formats.at({22050, 1}), 1);
  EXPECT_EQ(report.of(FindingKind::kMixedFormats).size(), 2u);
  EXPECT_EQ(report.problems(), 0u) << FormatCheckText(report, 5);
}

TEST_F(CorpusCheckTest, ComparesAClipWithItsOwnSpeaker) {
  metadata_ = "file|text|speaker\n";
  const char* texts[] = {"The cat is on the table.", "The dog is under the bed.",
                         "A bird sang in the garden."};
  for (int i = 0; i < 3; ++i) {
    for (const auto& [speaker, gain] : {std::pair("loud", 1.0f), std::pair("soft", 0.1f)}) {
      auto wave = Speech(texts[i], i);
      for (float& x : wave) x *= gain;
      const auto bytes = EncodeAudio(wave, kRate, AudioEncoding::kWav);
      ASSERT_TRUE(WriteFileAtomic(root_ / fmt::format("{}{}.wav", speaker, i), *bytes).ok());
      metadata_ += fmt::format("{}{}.wav|{}|{}\n", speaker, i, texts[i], speaker);
    }
  }
  const CheckReport report = Check();
  EXPECT_EQ(report.problems() + report.notes(), 0u) << FormatCheckText(report, 5);
  ASSERT_EQ(report.speakers.size(), 2u);
  EXPECT_EQ(report.speakers[1].name, "soft");
  EXPECT_EQ(report.speakers[1].clips, 3);
  EXPECT_EQ(report.speakers[1].words, 18);
  EXPECT_NEAR(report.speakers[0].level_dbfs.median - report.speakers[1].level_dbfs.median, 20.0, 0.1);
}

TEST_F(CorpusCheckTest, TheNumberOfThreadsChangesNothing) {
  PutGoodClips();
  Put("bad", kText, std::vector<float>(kRate));
  WriteMetadata();
  CheckOptions one, many;
  one.jobs = 1;
  many.jobs = 7;
  const auto a = CheckCorpus(root_, *frontend_, one, nullptr),
             b = CheckCorpus(root_, *frontend_, many, nullptr);
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_EQ(FormatCheckJson(*a), FormatCheckJson(*b));
}

TEST_F(CorpusCheckTest, AFolderWithoutACorpusIsAnError) {
  EXPECT_TRUE(absl::IsNotFound(CheckCorpus(root_, *frontend_, {}, nullptr).status()));
  WriteMetadata();
  EXPECT_TRUE(absl::IsInvalidArgument(CheckCorpus(root_, *frontend_, {}, nullptr).status()));
}

TEST_F(CorpusCheckTest, NamesAudioFilesWithoutARow) {
  PutGoodClips();
  ASSERT_TRUE(WriteFileAtomic(root_ / "wavs/orphan.wav", "x").ok());
  ASSERT_TRUE(WriteFileAtomic(root_ / "wavs/notes.txt", "x").ok());
  ASSERT_TRUE(WriteFileAtomic(root_ / "elsewhere/other.wav", "x").ok());
  EXPECT_EQ(Only(Check(), FindingKind::kUnlistedAudio).detail, "wavs/orphan.wav");
}

}  // namespace
}  // namespace m2tts
