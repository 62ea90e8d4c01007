// Arguments, exit codes and output of every command but `say` (say_test.cc).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/json.h"
#include "core/base/version.h"
#include "tests/client/cli_runner.h"
#include "tests/client/fake_server.h"

namespace m2tts {
namespace {

using testing::FakeServer;
using ::testing::HasSubstr;
using testing::RunM2tts;
using ::testing::StartsWith;

TEST(CliTest, VersionAndHelpSucceed) {
  const auto version = RunM2tts({"--version"});
  EXPECT_EQ(version.code, kExitOk);
  EXPECT_THAT(version.out, StartsWith("m2tts " + Version()));
  const auto help = RunM2tts({"--help"});
  EXPECT_EQ(help.code, kExitOk);
  EXPECT_THAT(help.out, HasSubstr("Examples:"));
  EXPECT_THAT(help.out, HasSubstr("Exit codes:"));
  for (const char* command : {"say", "voices", "analyze", "status", "completion"}) {
    EXPECT_EQ(RunM2tts({command, "--help"}).code, kExitOk) << command;
    EXPECT_THAT(help.out, HasSubstr(std::string("\n  ") + command)) << command;
  }
}

TEST(CliTest, WrongCommandLines) {
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"sing"},
      {"status", "--loud"},
      {"status", "--address"},
      {"status", "--address", "localhost"},
      {"status", "--address", "localhost:http"},
      {"status", "--address", "localhost:0"},
      {"status", "--address", "localhost:65536"},
      {"status", "--address", ":1"},
      {"status", "--address", "unix:"},
      {"status", "--timeout", "soon"},
      {"status", "--timeout", "-1"},
      {"status", "--timeout", "nan"},
      {"bench", "--rate", "nan"},
      {"bench", "--cancel", "nan"},
      {"say", "x", "-o", "x.wav", "--speed", "fast"},
      {"say", "x", "-o", "x.wav", "--rate", "8k"},
      {"say", "x", "-o", "x.wav", "--encoding", "mp4"},
      {"say", "x", "-o", "x.wav", "-f", "x.txt"},
      {"say", "x"},
      {"say", "x", "--play", "--encoding", "flac"},
      {"say", "x", "-o", "-", "--json"},
  };
  for (const auto& arguments : wrong) {
    const auto result = RunM2tts(arguments);
    EXPECT_EQ(result.code, kExitUsage) << ::testing::PrintToString(arguments);
    EXPECT_FALSE(result.err.empty()) << ::testing::PrintToString(arguments);
  }
}

TEST(CliTest, NoServer) {
  for (const char* command : {"status", "voices"}) {
    const auto result = RunM2tts({command, "--address", "127.0.0.1:1"});
    EXPECT_EQ(result.code, kExitUnavailable);
    EXPECT_THAT(result.err, StartsWith("m2tts: cannot reach m2ttsd at 127.0.0.1:1: Connection refused\n"));
    EXPECT_THAT(result.err, HasSubstr("Is m2ttsd running?"));
    EXPECT_EQ(result.out, "");
  }
}

TEST(CliTest, AddressFromTheEnvironment) {
  FakeServer server;
  server.status.set_state(v1::SERVER_STATE_SERVING);
  setenv("M2TTS_ADDRESS", server.address().c_str(), 1);
  EXPECT_EQ(RunM2tts({"status"}).code, kExitOk);
  EXPECT_EQ(RunM2tts({"status", "--address", "127.0.0.1:1"}).code, kExitUnavailable) << "the option wins";
  unsetenv("M2TTS_ADDRESS");
}

TEST(CliStatusTest, SucceedsOnlyWhenServing) {
  FakeServer server;
  server.status.set_version("1.2.3");
  server.status.add_voices("a");
  server.status.set_default_voice("a");
  for (const auto& [state, code] :
       {std::pair{v1::SERVER_STATE_SERVING, kExitOk}, std::pair{v1::SERVER_STATE_STARTING, kExitNotServing},
        std::pair{v1::SERVER_STATE_DRAINING, kExitNotServing},
        std::pair{v1::SERVER_STATE_UNSPECIFIED, kExitNotServing}}) {
    server.status.set_state(state);
    const auto result = RunM2tts({"--address", server.address(), "status"});
    EXPECT_EQ(result.code, code) << state;
    EXPECT_THAT(result.out, HasSubstr("state      " + ServerStateName(state) + "\n"));
    EXPECT_THAT(result.out, HasSubstr("voices     a*\n"));
    const auto json = RunM2tts({"status", "--json", "--address", server.address()});
    EXPECT_EQ(json.code, code) << state;
    EXPECT_EQ(Json::parse(json.out)["version"], "1.2.3");
  }
}

TEST(CliVoicesTest, ListsThem) {
  FakeServer server;
  server.voice_pages.resize(1);
  auto* voice = server.voice_pages[0].add_voices();
  voice->set_name("en_US-slt");
  voice->set_is_default(true);
  voice->add_speakers("one");
  voice->add_speakers("two");
  const auto result = RunM2tts({"voices", "--address", server.address()});
  EXPECT_EQ(result.code, kExitOk);
  EXPECT_THAT(result.out, StartsWith("* en_US-slt  "));
  EXPECT_THAT(result.out, HasSubstr("speakers: one two\n"));
  const auto json = Json::parse(RunM2tts({"voices", "--json", "--address", server.address()}).out);
  EXPECT_EQ(json["voices"][0]["speakers"], Json::array({"one", "two"}));
  EXPECT_EQ(json["voices"][0]["unloaded"], false);
  voice->set_unloaded(true);
  EXPECT_THAT(RunM2tts({"voices", "--address", server.address()}).out,
              HasSubstr("  (loaded when asked for) "));
}

TEST(CliAnalyzeTest, ShowsTextPhonemesAndWarnings) {
  FakeServer server;
  auto* sentence = server.analysis.add_sentences();
  sentence->set_normalized_text("hello");
  sentence->set_phonemes("HH AH0 L OW1");
  auto* word = sentence->add_words();
  word->set_text("hello");
  word->set_token_class("word");
  word->mutable_source()->set_end(5);
  word->add_phonemes("HH");
  word->set_pronunciation(v1::AnalyzedWord::LEXICON);
  auto* warning = server.analysis.add_warnings();
  warning->mutable_range()->set_begin(6);
  warning->mutable_range()->set_end(10);
  warning->set_message("an emoji is not spoken");
  const auto result = RunM2tts({"analyze", "hello", "there", "--voice", "v", "--address", server.address()});
  EXPECT_EQ(result.code, kExitOk);
  EXPECT_EQ(
      result.out,
      "hello\n  0-5  hello  word  hello  HH  lexicon\nwarning: bytes 6 to 10: an emoji is not spoken\n");
  EXPECT_EQ(server.last_analysis().text(), "hello there");
  EXPECT_EQ(server.last_analysis().voice(), "v");
  const auto json = RunM2tts({"analyze", "-", "--json", "--address", server.address()});
  EXPECT_EQ(Json::parse(json.out)["sentences"][0]["normalized_text"], "hello");
}

TEST(CliAnalyzeTest, ErrorsOfTheServerAreExplained) {
  FakeServer server;
  server.error = testing::ErrorWithFieldViolation("text", "is empty");
  const auto result = RunM2tts({"analyze", "--json", "--address", server.address()}, "");
  EXPECT_EQ(result.code, kExitRefused);
  EXPECT_EQ(result.err, "m2tts: text: is empty\n");
  EXPECT_EQ(Json::parse(result.out)["error"]["code"], "INVALID_ARGUMENT");

  server.error = testing::ErrorWithRetryDelay(1500);
  const auto overload = RunM2tts({"analyze", "x", "--address", server.address()});
  EXPECT_EQ(overload.code, kExitTryLater);
  EXPECT_EQ(overload.err, "m2tts: the queue is full\n  Try again in 1.5 s.\n");

  server.error = grpc::Status(grpc::StatusCode::NOT_FOUND, "no voice 'x'");
  EXPECT_THAT(RunM2tts({"analyze", "x", "--address", server.address()}).err,
              HasSubstr("'m2tts voices' lists"));
}

}  // namespace
}  // namespace m2tts
