#include "server/rpc/request_validation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace m2tts {
namespace {

using testing::HasSubstr;

std::string ErrorOf(const Status& status) {
  EXPECT_FALSE(status.ok());
  return std::string(status.message());
}

TEST(ValidateTextTest, AcceptsTextWithTabsAndLines) {
  EXPECT_TRUE(ValidateText("Hello,\tworld.\r\nNext.", 100).ok());
  EXPECT_TRUE(ValidateText("Caf\xc3\xa9", 100).ok());
}

TEST(ValidateTextTest, RefusesEmptyLongAndControl) {
  EXPECT_THAT(ErrorOf(ValidateText("", 100)), HasSubstr("empty"));
  EXPECT_THAT(ErrorOf(ValidateText(std::string(101, 'a'), 100)), HasSubstr("101 bytes, 100 are allowed"));
  EXPECT_THAT(ErrorOf(ValidateText("ab\x07", 100)), HasSubstr("0x07 at byte 2"));
  EXPECT_THAT(ErrorOf(ValidateText(std::string("a\0b", 3), 100)), HasSubstr("0x00 at byte 1"));
  EXPECT_THAT(ErrorOf(ValidateText("\x7f", 100)), HasSubstr("0x7f"));
}

TEST(ValidatePageSizeTest, HasADefaultAndALimit) {
  EXPECT_EQ(*ValidatePageSize(0), 100);
  EXPECT_EQ(*ValidatePageSize(1000), 1000);
  EXPECT_FALSE(ValidatePageSize(-1).ok());
  EXPECT_FALSE(ValidatePageSize(1001).ok());
}

class ValidateRequestTest : public testing::Test {
 protected:
  ValidateRequestTest() {
    auto voice = std::make_shared<Voice>();
    voice->name = "anna";
    voice->speakers = {"one", "two"};
    voice->sample_rate = 22050;
    voices_ = std::make_unique<VoiceRegistry>(VoiceMap{{"anna", voice}}, "anna");
    request_.set_text("Hello.");
  }
  StatusOr<SynthesisRequest> Validate() const { return ValidateRequest(request_, *voices_, text_, limits_); }

  TextSettings text_;
  ServerConfig::Limits limits_;
  std::unique_ptr<VoiceRegistry> voices_;
  v1::SynthesizeRequest request_;
};

TEST_F(ValidateRequestTest, FillsInDefaults) {
  const auto valid = Validate();
  ASSERT_TRUE(valid.ok()) << valid.status();
  EXPECT_EQ(valid->voice->name, "anna");
  EXPECT_EQ(valid->speaker, 0);
  EXPECT_EQ(valid->speed, 1.0);
  EXPECT_EQ(valid->pitch, 0.0);
  EXPECT_EQ(valid->volume, 1.0);
  EXPECT_EQ(valid->pause_scale, 1.0);
  EXPECT_EQ(valid->encoding, AudioEncoding::kWav);
  EXPECT_EQ(valid->sample_rate, 22050);
}

TEST_F(ValidateRequestTest, TakesWhatIsSaid) {
  request_.mutable_voice()->set_speaker("two");
  request_.mutable_controls()->set_volume(0.0);
  request_.mutable_controls()->set_pitch(-12.0);
  request_.mutable_audio_format()->set_encoding(v1::AUDIO_ENCODING_FLAC);
  request_.mutable_audio_format()->set_sample_rate_hertz(48000);
  const auto valid = Validate();
  ASSERT_TRUE(valid.ok()) << valid.status();
  EXPECT_EQ(valid->speaker, 1);
  EXPECT_EQ(valid->volume, 0.0);
  EXPECT_EQ(valid->pitch, -12.0);
  EXPECT_EQ(valid->encoding, AudioEncoding::kFlac);
  EXPECT_EQ(valid->sample_rate, 48000);
}

TEST_F(ValidateRequestTest, NamesTheFieldAndItsRange) {
  request_.mutable_controls()->set_speed(4.5);
  EXPECT_THAT(ErrorOf(Validate().status()), HasSubstr("controls.speed: 4.5 is outside [0.25, 4]"));
  request_.mutable_controls()->set_speed(std::nan(""));
  EXPECT_THAT(ErrorOf(Validate().status()), HasSubstr("controls.speed"));
  request_.mutable_controls()->set_speed(0.0);
  EXPECT_THAT(ErrorOf(Validate().status()), HasSubstr("controls.speed"));
  request_.mutable_controls()->clear_speed();
  request_.mutable_controls()->set_pause_scale(-1.0);
  EXPECT_THAT(ErrorOf(Validate().status()), HasSubstr("controls.pause_scale"));
}

TEST_F(ValidateRequestTest, ControlsBeyondTheirRangeAreNamed) {
  v1::SynthesisControls* const controls = request_.mutable_controls();
  controls->set_sentence_pause_seconds(0.0);
  controls->set_paragraph_pause_seconds(30.0);
  controls->set_variation(1.0);
  controls->set_seed(1ULL << 63);
  controls->set_loudness_lufs(-16.0);
  const auto valid = Validate();
  ASSERT_TRUE(valid.ok()) << valid.status();
  EXPECT_EQ(valid->sentence_pause, 0.0);
  EXPECT_EQ(valid->paragraph_pause, 30.0);
  EXPECT_EQ(valid->variation, 1.0);
  EXPECT_EQ(valid->seed, 1ULL << 63);
  EXPECT_EQ(valid->loudness, -16.0);

  controls->set_sentence_pause_seconds(10.1);
  EXPECT_THAT(ErrorOf(Validate().status()),
              HasSubstr("controls.sentence_pause_seconds: 10.1 is outside [0, 10]"));
  controls->clear_sentence_pause_seconds();
  controls->set_paragraph_pause_seconds(-0.1);
  EXPECT_THAT(ErrorOf(Validate().status()), HasSubstr("controls.paragraph_pause_seconds"));
  controls->clear_paragraph_pause_seconds();
  controls->set_variation(std::nan(""));
  EXPECT_THAT(ErrorOf(Validate().status()), HasSubstr("controls.variation"));
  controls->clear_variation();
  controls->set_loudness_lufs(0.0);
  EXPECT_THAT(ErrorOf(Validate().status()), HasSubstr("controls.loudness_lufs: 0 is outside [-40, -10]"));
}

TEST_F(ValidateRequestTest, MixturesOfSpeakers) {
  const auto add = [this](const char* name, double weight) {
    v1::SpeakerWeight* const share = request_.mutable_voice()->add_speakers();
    share->set_name(name);
    share->set_weight(weight);
  };
  add("one", 1.0);
  add("two", 3.0);
  const auto valid = Validate();
  ASSERT_TRUE(valid.ok()) << valid.status();
  ASSERT_EQ(valid->mix.size(), 2u);
  EXPECT_EQ(valid->mix[1].speaker, 1);
  EXPECT_EQ(valid->mix[1].weight, 3.0);

  add("two", 1.0);
  EXPECT_THAT(ErrorOf(Validate().status()), HasSubstr("voice.speakers[2].name: 'two' is there twice"));
  request_.mutable_voice()->mutable_speakers()->RemoveLast();
  for (const double weight : {0.0, -1.0, std::nan(""), 1e9}) {
    request_.mutable_voice()->mutable_speakers(1)->set_weight(weight);
    EXPECT_THAT(ErrorOf(Validate().status()), HasSubstr("voice.speakers[1].weight")) << weight;
  }
  request_.mutable_voice()->mutable_speakers(1)->set_weight(1.0);
  request_.mutable_voice()->mutable_speakers(1)->set_name("nobody");
  EXPECT_THAT(ErrorOf(Validate().status()), HasSubstr("one, two"));
  request_.mutable_voice()->mutable_speakers(1)->set_name("");
  EXPECT_THAT(ErrorOf(Validate().status()), HasSubstr("voice.speakers[1].name"));
  request_.mutable_voice()->set_speaker("one");
  EXPECT_THAT(ErrorOf(Validate().status()), HasSubstr("exclude each other"));
  request_.mutable_voice()->clear_speaker();
  for (int i = 0; i < 20; ++i) add("one", 1.0);
  EXPECT_THAT(ErrorOf(Validate().status()), HasSubstr("has 22 speakers, 16 are allowed"));
}

TEST_F(ValidateRequestTest, Timestamps) {
  EXPECT_EQ(Validate()->timestamps, TimestampDetail::kWords);
  request_.set_timestamps(v1::TIMESTAMPS_PHONEMES);
  EXPECT_EQ(Validate()->timestamps, TimestampDetail::kPhonemes);
  request_.set_timestamps(v1::TIMESTAMPS_NONE);
  EXPECT_EQ(Validate()->timestamps, TimestampDetail::kNone);
  request_.set_timestamps(static_cast<v1::Timestamps>(44));
  EXPECT_THAT(ErrorOf(Validate().status()), HasSubstr("timestamps: 44"));
}

TEST_F(ValidateRequestTest, Priorities) {
  const std::pair<v1::Priority, Priority> priorities[] = {{v1::PRIORITY_UNSPECIFIED, Priority::kNormal},
                                                          {v1::PRIORITY_INTERACTIVE, Priority::kInteractive},
                                                          {v1::PRIORITY_NORMAL, Priority::kNormal},
                                                          {v1::PRIORITY_BULK, Priority::kBulk}};
  for (const auto& [said, taken] : priorities) {
    request_.set_priority(said);
    const auto valid = Validate();
    ASSERT_TRUE(valid.ok()) << valid.status();
    EXPECT_EQ(valid->priority, taken) << v1::Priority_Name(said);
  }
  request_.set_priority(static_cast<v1::Priority>(99));
  EXPECT_THAT(ErrorOf(Validate().status()),
              HasSubstr("priority: 99 is not known; use INTERACTIVE, NORMAL or BULK"));
}

TEST_F(ValidateRequestTest, ALiveAnswerMayBeginWithoutText) {
  const auto live = [this] { return ValidateRequest(request_, *voices_, text_, limits_, /*live=*/true); };
  request_.clear_text();
  EXPECT_THAT(ErrorOf(Validate().status()), HasSubstr("text: is required and empty"));
  const auto valid = live();
  ASSERT_TRUE(valid.ok()) << valid.status();
  EXPECT_EQ(valid->text, "");
  EXPECT_EQ(valid->sample_rate, 22050) << "the rest is checked and filled in as ever";

  request_.mutable_voice()->set_speaker("three");
  EXPECT_THAT(ErrorOf(live().status()), HasSubstr("voice.speaker"));
}

TEST_F(ValidateRequestTest, ATextThatALiveAnswerBeginsWithIsCheckedToo) {
  const auto live = [this] { return ValidateRequest(request_, *voices_, text_, limits_, /*live=*/true); };
  EXPECT_TRUE(live().ok());
  request_.set_text("ab\x07");
  EXPECT_THAT(ErrorOf(live().status()), HasSubstr("text: control character 0x07 at byte 2"));
  request_.set_text(std::string(static_cast<size_t>(limits_.max_text_bytes) + 1, 'a'));
  EXPECT_THAT(ErrorOf(live().status()), HasSubstr("100001 bytes, 100000 are allowed"));
}

TEST_F(ValidateRequestTest, ALiveAnswerTakesNoSsml) {
  request_.mutable_text_options()->set_ssml(true);
  EXPECT_TRUE(Validate().ok());
  const auto live = ValidateRequest(request_, *voices_, text_, limits_, /*live=*/true);
  EXPECT_EQ(live.status().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(ErrorOf(live.status()), HasSubstr("text_options.ssml: is not supported in a live answer"));
}

TEST_F(ValidateRequestTest, RefusesFormatsItCannotMake) {
  request_.mutable_audio_format()->set_sample_rate_hertz(7999);
  EXPECT_THAT(ErrorOf(Validate().status()), HasSubstr("sample_rate_hertz"));
  request_.mutable_audio_format()->set_sample_rate_hertz(-1);
  EXPECT_THAT(ErrorOf(Validate().status()), HasSubstr("sample_rate_hertz"));
  request_.mutable_audio_format()->set_sample_rate_hertz(0);
  request_.mutable_audio_format()->set_encoding(static_cast<v1::AudioEncoding>(77));
  EXPECT_THAT(ErrorOf(Validate().status()), HasSubstr("77"));
}

TEST_F(ValidateRequestTest, RatesThatAnEncodingLacksAreNamedWithWhatItHas) {
  v1::AudioFormat* const format = request_.mutable_audio_format();
  format->set_encoding(v1::AUDIO_ENCODING_OGG_OPUS);
  format->set_sample_rate_hertz(22050);
  EXPECT_THAT(ErrorOf(Validate().status()),
              HasSubstr("audio_format.sample_rate_hertz: 22050 Hz is not possible with opus, which has 8000, "
                        "12000, 16000, 24000, 48000 Hz"));
  format->set_encoding(v1::AUDIO_ENCODING_MP3);
  EXPECT_TRUE(Validate().ok());
  format->set_sample_rate_hertz(10000);
  EXPECT_THAT(ErrorOf(Validate().status()), HasSubstr("10000 Hz is not possible with mp3"));
  format->set_encoding(v1::AUDIO_ENCODING_MULAW);
  EXPECT_TRUE(Validate().ok());
}

TEST_F(ValidateRequestTest, EveryEncodingHasADefaultRate) {
  const std::pair<v1::AudioEncoding, int> defaults[] = {
      {v1::AUDIO_ENCODING_WAV, 22050},  {v1::AUDIO_ENCODING_PCM16, 22050},
      {v1::AUDIO_ENCODING_FLAC, 22050}, {v1::AUDIO_ENCODING_PCM_F32, 22050},
      {v1::AUDIO_ENCODING_MP3, 22050},  {v1::AUDIO_ENCODING_OGG_OPUS, 24000},
      {v1::AUDIO_ENCODING_MULAW, 8000}, {v1::AUDIO_ENCODING_ALAW, 8000}};
  for (const auto& [encoding, rate] : defaults) {
    request_.mutable_audio_format()->set_encoding(encoding);
    const auto valid = Validate();
    ASSERT_TRUE(valid.ok()) << valid.status();
    EXPECT_EQ(valid->sample_rate, rate) << v1::AudioEncoding_Name(encoding);
  }
}

TEST_F(ValidateRequestTest, TextOptionsReachTheFrontEnd) {
  v1::TextOptions* const options = request_.mutable_text_options();
  options->set_ssml(true);
  options->set_inline_phonemes(false);
  options->set_lexicon("zorb Z AO1 R B");
  options->set_date_order(v1::TextOptions::DAY_FIRST);
  const auto valid = Validate();
  ASSERT_TRUE(valid.ok()) << valid.status();
  EXPECT_TRUE(valid->read.ssml);
  EXPECT_FALSE(valid->read.inline_phonemes);
  EXPECT_EQ(valid->read.style.date_order, TextStyle::DateOrder::kDayFirst);
  ASSERT_EQ(valid->read.user.size(), 1U);
  EXPECT_TRUE(valid->read.user[0]->Contains("zorb"));
}

TEST_F(ValidateRequestTest, BadLexiconNamesItsLine) {
  request_.mutable_text_options()->set_lexicon("fine F AY1 N\nbad QQ\n");
  EXPECT_THAT(ErrorOf(Validate().status()), HasSubstr("text_options: lexicon:2: unknown phoneme 'QQ'"));
  request_.mutable_text_options()->set_lexicon(std::string(65537, '#'));
  EXPECT_THAT(ErrorOf(Validate().status()), HasSubstr("text_options.lexicon: has 65537 bytes"));
  request_.mutable_text_options()->clear_lexicon();
  request_.mutable_text_options()->set_digits(static_cast<v1::TextOptions::DigitStyle>(9));
  EXPECT_THAT(ErrorOf(Validate().status()), HasSubstr("digits: 9"));
}

TEST_F(ValidateRequestTest, UnknownVoiceAndSpeakerListWhatThereIs) {
  request_.mutable_voice()->set_speaker("three");
  EXPECT_THAT(ErrorOf(Validate().status()), HasSubstr("one, two"));
  request_.mutable_voice()->set_voice("../../etc");
  const auto refused = Validate();
  EXPECT_EQ(refused.status().code(), StatusCode::kNotFound);
  EXPECT_THAT(ErrorOf(refused.status()), HasSubstr("anna"));
}

}  // namespace
}  // namespace m2tts
