#include "core/voice/voice_manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "tests/core/voice/tiny_voice.h"

namespace m2tts {
namespace {

using Json = nlohmann::ordered_json;
using ::testing::HasSubstr;

std::string TinyText() {
  return *FormatVoiceManifest(TinyManifest());
}

// The error for the tiny manifest after a change.
std::string ErrorAfter(const std::function<void(Json*)>& change) {
  Json json = Json::parse(TinyText());
  change(&json);
  const auto manifest = ParseVoiceManifest(json.dump(2));
  EXPECT_EQ(manifest.status().code(), StatusCode::kInvalidArgument) << json.dump(2);
  return std::string(manifest.status().message());
}

TEST(VoiceManifest, RoundTrips) {
  const auto manifest = ParseVoiceManifest(TinyText());
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  EXPECT_EQ(manifest->description, TinyManifest().description);
  EXPECT_EQ(manifest->model.hidden, 32);
  EXPECT_EQ(manifest->provenance_json, TinyManifest().provenance_json);
  EXPECT_EQ(*FormatVoiceManifest(*manifest), TinyText());
}

TEST(VoiceManifest, ReadsWhatOtherProgramsWrite) {
  // Tabs, escaped non-ASCII with a surrogate pair, any order of keys.
  Json json = Json::parse(TinyText());
  json["description"] = "caf\u00e9 \U0001F600";
  const auto manifest = ParseVoiceManifest(nlohmann::json(json).dump(1, '\t', /*ensure_ascii=*/true));
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  EXPECT_EQ(manifest->description, "caf\u00e9 \U0001F600");
}

TEST(VoiceManifest, PhraseBreaksAreOptional) {
  EXPECT_FALSE(ParseVoiceManifest(TinyText())->phrase_breaks);
  VoiceManifest breaks = TinyManifest();
  breaks.phrase_breaks = true;
  const auto again = ParseVoiceManifest(*FormatVoiceManifest(breaks));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->phrase_breaks);
  EXPECT_THAT(ErrorAfter([](Json* json) { (*json)["phrase_breaks"] = 3; }), HasSubstr("phrase_breaks"));
}

TEST(VoiceManifest, NamesUnknownAndMissingKeys) {
  EXPECT_THAT(ErrorAfter([](Json* json) { (*json)["licens"] = 1; }),
              HasSubstr("unknown key 'licens' (did you mean 'licence'?)"));
  EXPECT_THAT(ErrorAfter([](Json* json) { (*json)["weights"]["file"] = "../x"; }),
              HasSubstr("unknown key 'file'"));
  EXPECT_THAT(ErrorAfter([](Json* json) { (*json)["model"]["hiden"] = 1; }), HasSubstr("hiden"));
  for (const char* key : {"schema_version", "name", "language", "licence", "speakers", "phoneme_set_version",
                          "audio", "model", "weights"}) {
    EXPECT_THAT(ErrorAfter([&](Json* json) { json->erase(key); }), HasSubstr(std::string(key) + ": missing"));
  }
}

TEST(VoiceManifest, RefusesWrongValues) {
  EXPECT_THAT(ErrorAfter([](Json* json) { (*json)["schema_version"] = 2; }), HasSubstr("schema_version: 2"));
  EXPECT_THAT(ErrorAfter([](Json* json) { (*json)["schema_version"] = 0; }), HasSubstr("schema_version: 0"));
  EXPECT_THAT(ErrorAfter([](Json* json) { (*json)["schema_version"] = "1"; }), HasSubstr("an integer"));
  EXPECT_THAT(ErrorAfter([](Json* json) { (*json)["phoneme_set_version"] = 99; }),
              HasSubstr("phoneme_set_version"));
  EXPECT_THAT(ErrorAfter([](Json* json) { (*json)["language"] = ""; }), HasSubstr("language"));
  EXPECT_THAT(ErrorAfter([](Json* json) { (*json)["licence"] = nullptr; }), HasSubstr("licence"));
  EXPECT_THAT(ErrorAfter([](Json* json) { (*json)["weights"]["dtype"] = "int3"; }),
              HasSubstr("weights.dtype"));
  EXPECT_THAT(ErrorAfter([](Json* json) { (*json)["weights"]["sha256"] = "xyz"; }),
              HasSubstr("weights.sha256"));
  EXPECT_THAT(ErrorAfter([](Json* json) { (*json)["provenance"] = 3; }), HasSubstr("provenance"));
  EXPECT_THAT(ErrorAfter([](Json* json) { (*json)["model"]["hidden"] = -1; }), HasSubstr("model.hidden"));
  EXPECT_THAT(ErrorAfter([](Json* json) { (*json)["audio"] = {1}; }), HasSubstr("audio"));
}

TEST(VoiceManifest, RefusesWrongSpeakers) {
  EXPECT_THAT(ErrorAfter([](Json* json) { (*json)["speakers"] = Json::array(); }), HasSubstr("at least one"));
  EXPECT_THAT(ErrorAfter([](Json* json) { (*json)["speakers"] = {"a", "b"}; }), HasSubstr("2 names"));
  EXPECT_THAT(ErrorAfter([](Json* json) { (*json)["speakers"] = {"../a"}; }), HasSubstr("does not match"));
  EXPECT_THAT(ErrorAfter([](Json* json) {
                (*json)["speakers"] = {"a", "a"};
                (*json)["model"]["speakers"] = 2;
              }),
              HasSubstr("given twice"));
}

TEST(VoiceManifest, RefusesWhatIsNotAJsonMapping) {
  for (const char* text :
       {"", "[]", "3", "null", "name: tiny", "{\"name\": \"a\", \"name\": \"b\"}", "{}x"}) {
    EXPECT_EQ(ParseVoiceManifest(text).status().code(), StatusCode::kInvalidArgument) << text;
  }
  EXPECT_FALSE(ParseVoiceManifest("{\"provenance\": " + std::string(100000, '[')).ok());
}

TEST(VoiceManifest, IdsCannotLeaveTheirFolder) {
  for (const char* id : {"a", "en_US-slt", "0.1", "A--"}) EXPECT_TRUE(IsValidId(id)) << id;
  for (const char* id : {"", ".", "..", ".a", "-a", "a/b", "../a", "a b", "a\n", "\xc3\xa9", "a\\b"}) {
    EXPECT_FALSE(IsValidId(id)) << id;
  }
  EXPECT_TRUE(IsValidId(std::string(64, 'a')));
  EXPECT_FALSE(IsValidId(std::string(65, 'a')));
  EXPECT_FALSE(IsValidId(std::string_view("a\0b", 3)));
  EXPECT_THAT(ErrorAfter([](Json* json) { (*json)["name"] = "../../etc"; }), HasSubstr("name: '../../etc'"));
}

}  // namespace
}  // namespace m2tts
