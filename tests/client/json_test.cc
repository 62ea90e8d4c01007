#include "client/json.h"

#include <gtest/gtest.h>

#include <sstream>

#include "client/call_error.h"
#include "tests/client/fake_server.h"

namespace m2tts {
namespace {

TEST(JsonTest, Voice) {
  v1::Voice voice;
  voice.set_name("en_US-slt");
  voice.add_speakers("slt");
  voice.set_size_bytes(int64_t{1} << 40);
  voice.set_provenance_json(R"({"steps": 5})");
  const Json json = ToJson(voice);
  EXPECT_EQ(json["name"], "en_US-slt");
  EXPECT_EQ(json["speakers"], Json::array({"slt"}));
  EXPECT_EQ(json["size_bytes"], int64_t{1} << 40) << "a number, not a string";
  EXPECT_EQ(json["provenance"]["steps"], 5);
}

TEST(JsonTest, ProvenanceThatIsNoJsonDoesNoHarm) {
  v1::Voice voice;
  voice.set_provenance_json("{broken");
  std::ostringstream out;
  PrintJson(ToJson(voice), out);
  EXPECT_TRUE(Json::accept(out.str())) << out.str();
}

TEST(JsonTest, Analysis) {
  v1::AnalyzeTextResponse analysis;
  auto* sentence = analysis.add_sentences();
  sentence->set_normalized_text("two cats");
  auto* word = sentence->add_words();
  word->set_text("two");
  word->mutable_source()->set_end(1);
  word->add_phonemes("T");
  word->add_phonemes("UW1");
  word->set_pronunciation(v1::AnalyzedWord::LEXICON);
  auto* warning = analysis.add_warnings();
  warning->set_kind(v1::TextWarning::SKIPPED_CHARACTER);
  const Json json = ToJson(analysis);
  EXPECT_EQ(json["sentences"][0]["words"][0]["source"], Json::array({0, 1}));
  EXPECT_EQ(json["sentences"][0]["words"][0]["phonemes"], Json::array({"T", "UW1"}));
  EXPECT_EQ(json["sentences"][0]["words"][0]["pronunciation"], "LEXICON");
  EXPECT_EQ(json["warnings"][0]["kind"], "SKIPPED_CHARACTER");
}

TEST(JsonTest, StatusHasNullForWhatIsUnknown) {
  v1::ServerStatus status;
  status.set_state(v1::SERVER_STATE_DRAINING);
  status.mutable_device()->set_limit_bytes(5);
  const Json json = ToJson(status);
  EXPECT_EQ(json["state"], "DRAINING");
  EXPECT_TRUE(json["device"]["allocated_bytes"].is_null());
  EXPECT_EQ(json["device"]["limit_bytes"], 5);
}

TEST(JsonTest, TheGovernorTellsWhatItReads) {
  v1::ServerStatus status;
  auto* governor = status.mutable_governor();
  governor->set_celsius(71.5);
  governor->add_actions("pause");
  Json json = ToJson(status)["governor"];
  EXPECT_EQ(json["celsius"], 71.5);
  EXPECT_EQ(json["actions"], Json::array({"pause"}));
  EXPECT_TRUE(json["available_bytes"].is_null());
  EXPECT_TRUE(json["device_memory_percent"].is_null());
  governor->set_device_memory_percent(93.0);
  EXPECT_EQ(ToJson(status)["governor"]["device_memory_percent"], 93.0);
}

TEST(JsonTest, WordTimesAreSeconds) {
  v1::WordTiming word;
  word.set_first_sample(4000);
  word.set_sample_count(2000);
  const Json json = ToJson(word, 8000);
  EXPECT_DOUBLE_EQ(json["start_seconds"], 0.5);
  EXPECT_DOUBLE_EQ(json["end_seconds"], 0.75);
}

TEST(JsonTest, Error) {
  const Json json = ErrorToJson(FromGrpcStatus(testing::ErrorWithFieldViolation("text", "is empty")));
  EXPECT_EQ(json["error"]["code"], "INVALID_ARGUMENT");
  EXPECT_EQ(json["error"]["field_violations"][0]["field"], "text");
  EXPECT_FALSE(json["error"].contains("retry_delay_seconds"));
  const Json overload = ErrorToJson(FromGrpcStatus(testing::ErrorWithRetryDelay(1500)));
  EXPECT_DOUBLE_EQ(overload["error"]["retry_delay_seconds"], 1.5);
}

TEST(JsonTest, InvalidUtf8IsReplaced) {
  std::ostringstream out;
  PrintJson({{"text", "a\xFF"}}, out);
  EXPECT_TRUE(Json::accept(out.str())) << out.str();
}

}  // namespace
}  // namespace m2tts
