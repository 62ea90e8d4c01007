// What a running daemon makes of texts: warnings, markup, analysis, and errors that say where.
#include <gmock/gmock.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <memory>

#include "tests/integration/shared_daemon.h"

namespace m2tts {
namespace {

using grpc::StatusCode;
using testing::HasSubstr;
using testing::Not;

class DaemonTextTest : public SharedDaemonTest {};

TEST_F(DaemonTextTest, SkippedInputIsAWarningWithItsPlace) {
  const std::string text = "Hello \xf0\x9f\x98\x80 world.";
  const v1::SynthesizeResponse response = Speak(Request(text));
  ASSERT_GE(response.summary().warnings_size(), 1);
  EXPECT_EQ(response.summary().warnings(0).range().begin(), 6);
  EXPECT_EQ(response.summary().warnings(0).range().end(), 10);
}

TEST_F(DaemonTextTest, BadInputIsAnErrorThatNamesTheField) {
  struct Case {
    const char* name;
    StatusCode code;
    const char* message;
    std::function<void(v1::SynthesizeRequest*)> change;
  };
  const std::vector<Case> cases = {
      {"empty", StatusCode::INVALID_ARGUMENT, "text: ", [](auto* r) { r->set_text(""); }},
      {"blank", StatusCode::INVALID_ARGUMENT, "text: ", [](auto* r) { r->set_text("  \n "); }},
      {"1 MB", StatusCode::INVALID_ARGUMENT, "1000000 bytes",
       [](auto* r) { r->set_text(std::string(1000000, 'a')); }},
      {"control", StatusCode::INVALID_ARGUMENT, "0x01 at byte 2", [](auto* r) { r->set_text("ab\x01"); }},
      {"nul", StatusCode::INVALID_ARGUMENT, "0x00", [](auto* r) { r->set_text(std::string("a\0b", 3)); }},
      {"utf-8", StatusCode::INVALID_ARGUMENT, "UTF-8", [](auto* r) { r->set_text("ab\xff\xfe"); }},
      {"script", StatusCode::INVALID_ARGUMENT,
       "text: ", [](auto* r) { r->set_text("\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82"); }},
      {"emoji", StatusCode::INVALID_ARGUMENT, "text: ", [](auto* r) { r->set_text("\xf0\x9f\x98\x80"); }},
      {"voice", StatusCode::NOT_FOUND, "no voice 'nobody'",
       [](auto* r) { r->mutable_voice()->set_voice("nobody"); }},
      {"speaker", StatusCode::INVALID_ARGUMENT, "voice.speaker",
       [](auto* r) { r->mutable_voice()->set_speaker("x"); }},
      {"speed", StatusCode::INVALID_ARGUMENT, "controls.speed",
       [](auto* r) { r->mutable_controls()->set_speed(9); }},
      {"pitch", StatusCode::INVALID_ARGUMENT, "controls.pitch",
       [](auto* r) { r->mutable_controls()->set_pitch(-13); }},
      {"volume", StatusCode::INVALID_ARGUMENT, "controls.volume",
       [](auto* r) { r->mutable_controls()->set_volume(std::nan("")); }},
      {"rate", StatusCode::INVALID_ARGUMENT, "sample_rate_hertz",
       [](auto* r) { r->mutable_audio_format()->set_sample_rate_hertz(96000); }},
      {"encoding", StatusCode::INVALID_ARGUMENT, "encoding",
       [](auto* r) { r->mutable_audio_format()->set_encoding(static_cast<v1::AudioEncoding>(9)); }},
  };
  for (const Case& bad : cases) {
    v1::SynthesizeRequest request = Request("Hello.");
    bad.change(&request);
    v1::SynthesizeResponse response;
    const grpc::Status unary = Unary(request, &response);
    EXPECT_EQ(unary.error_code(), bad.code) << bad.name << ": " << unary.error_message();
    EXPECT_THAT(unary.error_message(), HasSubstr(bad.message)) << bad.name;
    const StreamResult stream = Stream(stub(), request);
    EXPECT_EQ(stream.status.error_code(), bad.code) << bad.name;
    EXPECT_EQ(stream.status.error_message(), unary.error_message()) << bad.name;
    EXPECT_EQ(stream.order, "") << bad.name;
  }
  EXPECT_TRUE(Unary(Request("Still alive."), std::make_unique<v1::SynthesizeResponse>().get()).ok());
}

TEST_F(DaemonTextTest, FieldErrorsCarryBadRequest) {
  v1::SynthesizeRequest request = Request("Hello.");
  request.mutable_controls()->set_speed(0.1);
  v1::SynthesizeResponse response;
  google::rpc::Status details;
  ASSERT_TRUE(details.ParseFromString(Unary(request, &response).error_details()));
  google::rpc::BadRequest bad_request;
  ASSERT_EQ(details.details_size(), 2) << "BadRequest and RequestInfo";
  ASSERT_TRUE(details.details(0).UnpackTo(&bad_request) || details.details(1).UnpackTo(&bad_request));
  EXPECT_EQ(bad_request.field_violations(0).field(), "controls.speed");
}

TEST_F(DaemonTextTest, AnalyzesText) {
  grpc::ClientContext context;
  v1::AnalyzeTextRequest request;
  request.set_text("It cost $5. Zorblaxity!");
  v1::AnalyzeTextResponse analysis;
  ASSERT_TRUE(stub()->AnalyzeText(&context, request, &analysis).ok());
  ASSERT_EQ(analysis.sentences_size(), 2);
  const v1::AnalyzedSentence& first = analysis.sentences(0);
  ASSERT_EQ(first.words_size(), 4);
  EXPECT_EQ(first.words(2).text(), "five");
  EXPECT_EQ(first.words(3).text(), "dollars");
  EXPECT_EQ(first.words(2).source().begin(), 8);
  EXPECT_EQ(first.words(2).source().end(), 10);
  EXPECT_EQ(first.words(2).phonemes_size(), 3);
  EXPECT_EQ(first.words(2).phonemes(1), "AY1");
  EXPECT_EQ(first.words(0).pronunciation(), v1::AnalyzedWord::LEXICON);
  EXPECT_NE(analysis.sentences(1).words(0).pronunciation(), v1::AnalyzedWord::LEXICON);
  EXPECT_THAT(first.phonemes(), HasSubstr(" | "));
}

TEST_F(DaemonTextTest, SsmlIsSpokenAsItAsks) {
  const auto samples = [](const std::string& xml) {
    v1::SynthesizeRequest request = Request(xml);
    request.mutable_text_options()->set_ssml(true);
    return Speak(request);
  };
  const v1::SynthesizeResponse plain = samples("<speak>One thing. Another thing.</speak>");
  const double rate = plain.header().sample_rate_hertz();
  const v1::SynthesizeResponse breaks = samples("<speak>One thing. Another thing.<break time='2s'/></speak>");
  EXPECT_NEAR(breaks.summary().total_samples() - plain.summary().total_samples(), 2 * rate, 2.0);
  const v1::SynthesizeResponse slow =
      samples("<speak><prosody rate='50%'>One thing. Another thing.</prosody></speak>");
  EXPECT_NEAR(slow.summary().total_samples(), 2.0 * plain.summary().total_samples(),
              0.15 * plain.summary().total_samples());
  const v1::SynthesizeResponse silent =
      samples("<speak><prosody volume='silent'>One thing.</prosody></speak>");
  EXPECT_EQ(Loudness(silent.audio()), 0.0);
}

TEST_F(DaemonTextTest, MarksComeWithTheirPlaceInTheAudio) {
  v1::SynthesizeRequest request =
      Request("<speak>One <mark name='a'/>thing. Another.<mark name='b'/></speak>");
  request.mutable_text_options()->set_ssml(true);
  const v1::SynthesizeResponse unary = Speak(request);
  ASSERT_EQ(unary.marks_size(), 2);
  ASSERT_EQ(unary.words_size(), 3);
  EXPECT_EQ(unary.marks(0).name(), "a");
  EXPECT_EQ(unary.marks(0).source().begin(), 11);
  EXPECT_EQ(unary.marks(0).first_sample(), unary.words(1).first_sample());
  EXPECT_EQ(unary.marks(1).first_sample(), unary.words(2).first_sample() + unary.words(2).sample_count());
  const StreamResult stream = Stream(stub(), request);
  int marks = 0;
  for (const v1::AudioChunk& chunk : stream.chunks) marks += chunk.marks_size();
  EXPECT_EQ(marks, 2);
}

TEST_F(DaemonTextTest, BadMarkupIsRefusedWithItsPlaceAndUnknownIsWarned) {
  v1::SynthesizeRequest request = Request("<speak>\n a<b></speak>");
  request.mutable_text_options()->set_ssml(true);
  v1::SynthesizeResponse response;
  const grpc::Status status = Unary(request, &response);
  EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("text: SSML line 2 column"));
  request.set_text("<speak><blink>Hello.</blink></speak>");
  response = Speak(request);
  ASSERT_EQ(response.summary().warnings_size(), 1);
  EXPECT_EQ(response.summary().warnings(0).kind(), v1::TextWarning::MARKUP);
  EXPECT_EQ(response.summary().warnings(0).range().begin(), 7);
}

TEST_F(DaemonTextTest, AnalysisTakesTextOptions) {
  v1::AnalyzeTextRequest request;
  request.mutable_text_options()->set_lexicon("zorb Z AO1 R B\n");
  v1::AnalyzeTextResponse analysis;
  grpc::ClientContext context;
  request.set_text("zorb [[ K AE1 T ]] 105");
  request.mutable_text_options()->set_say_and(true);
  ASSERT_TRUE(stub()->AnalyzeText(&context, request, &analysis).ok());
  ASSERT_EQ(analysis.sentences_size(), 1);
  const auto& words = analysis.sentences(0).words();
  EXPECT_EQ(words[0].pronunciation(), v1::AnalyzedWord::USER_LEXICON);
  EXPECT_EQ(words[0].ipa(), "zɔɹb");
  EXPECT_EQ(words[1].pronunciation(), v1::AnalyzedWord::INLINE);
  EXPECT_EQ(words[1].token_class(), "markup");
  EXPECT_EQ(words.size(), 6);
  EXPECT_EQ(words[4].text(), "and");
  grpc::ClientContext bad;
  request.mutable_text_options()->set_lexicon("zorb\n");
  const grpc::Status status = stub()->AnalyzeText(&bad, request, &analysis);
  EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("lexicon:1: 'zorb' lacks its phonemes"));
}

TEST_F(DaemonTextTest, AnalysisRefusesBadInput) {
  for (const char* bad : {"", "a\x02", "\xc3\x28"}) {
    grpc::ClientContext context;
    v1::AnalyzeTextRequest request;
    request.set_text(bad);
    v1::AnalyzeTextResponse analysis;
    EXPECT_EQ(stub()->AnalyzeText(&context, request, &analysis).error_code(), StatusCode::INVALID_ARGUMENT);
  }
}

TEST_F(DaemonTextTest, LogHasNoTextOfRequests) {
  Speak(Request("Xylophones whisper confidentially."));
  EXPECT_THAT(daemon_->process().Errors(), HasSubstr("Synthesize OK"));
  EXPECT_THAT(daemon_->process().Errors(), Not(HasSubstr("ylophone")));
}

}  // namespace
}  // namespace m2tts
