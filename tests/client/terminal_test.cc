// What a daemon, a job or a text says must not steer the terminal of the one who reads it.
#include "client/terminal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "tests/client/cli_runner.h"
#include "tests/client/fake_server.h"
#include "tests/client/fake_training.h"

namespace m2tts {
namespace {

using testing::FakeServer;
using testing::FakeTraining;
using ::testing::HasSubstr;
using testing::RunM2tts;

// Sets the title of a terminal, clears it, begins a line over, and the last again in C1 (U+009B).
const std::string kEvil =
    "a\033]0;title\007b\033[2J\rc\xc2\x9b"
    "2Jd\x7f";  // NOLINT
const std::string kTamed =
    "a ]0;title b [2J c\xc2\xa0"
    "2Jd ";  // NOLINT

TEST(HarmlessTest, ControlsAreBlanks) {
  EXPECT_EQ(Harmless(kEvil), kTamed);
  EXPECT_EQ(Harmless("one\ntwo\tthree"), "one two three");
  EXPECT_EQ(HarmlessLines("one\ntwo\tthree\rfour"), "one\ntwo\tthree four");
}

TEST(HarmlessTest, OtherTextStays) {
  // U+015B is C5 9B: its second byte is that of a control elsewhere. U+00A0 and U+00C2 are none.
  const std::string text = "\xc5\x9b r\xc3\xa9sum\xc3\xa9 \xc2\xa0\xc3\x82 \xf0\x9f\x98\x80";
  EXPECT_EQ(Harmless(text), text);
  EXPECT_EQ(Harmless("\xc2"), "\xc2");  // cut off
  EXPECT_EQ(Harmless(""), "");
}

void ExpectTamed(const testing::CliResult& result, const std::string& where) {
  const std::string all = result.out + result.err;
  EXPECT_EQ(all.find_first_of("\033\007\x7f\r"), std::string::npos) << where << ": " << all;
  EXPECT_EQ(all.find("\xc2\x9b"), std::string::npos) << where << ": " << all;
  EXPECT_THAT(all, HasSubstr("]0;title")) << where;
}

class HostileDaemonTest : public ::testing::Test {
 protected:
  testing::CliResult Ask(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--address", server_.address()});
    return RunM2tts(arguments);
  }
  FakeServer server_;
};

TEST_F(HostileDaemonTest, Errors) {
  server_.error = grpc::Status(grpc::StatusCode::INTERNAL, kEvil);
  ExpectTamed(Ask({"status"}), "status");
  ExpectTamed(Ask({"voices"}), "voices");
  ExpectTamed(Ask({"voices", "load", "x"}), "load");
  server_.error = testing::ErrorWithRequestId(grpc::StatusCode::INTERNAL, kEvil);
  ExpectTamed(Ask({"voices", "load", "x"}), "request id");
  server_.error = testing::ErrorWithFieldViolation("text" + kEvil, kEvil);
  ExpectTamed(Ask({"analyze", "hello"}), "field violation");
}

TEST_F(HostileDaemonTest, Voices) {
  v1::Voice* voice = server_.voice_pages.emplace_back().add_voices();
  voice->set_name("v");
  voice->set_description(kEvil);
  voice->add_speakers(kEvil);
  voice->add_speakers("two");
  const auto result = Ask({"voices"});
  ExpectTamed(result, "voices");
  EXPECT_THAT(result.out, HasSubstr("speakers: " + kTamed + " two\n"));
}

TEST_F(HostileDaemonTest, AnswersOfAdmin) {
  server_.load_voice.add_unloaded(kEvil);
  ExpectTamed(Ask({"voices", "load", "x"}), "unloaded");
  auto* failure = server_.rescan.add_failed();
  failure->set_name("v");
  failure->set_error(kEvil);
  ExpectTamed(Ask({"voices", "rescan"}), "rescan");
  auto* unread = server_.reload.add_failed();
  unread->set_what("tokens");
  unread->set_error(kEvil);
  ExpectTamed(Ask({"reload"}), "reload");
}

TEST_F(HostileDaemonTest, Analysis) {
  auto* sentence = server_.analysis.add_sentences();
  sentence->set_normalized_text(kEvil);
  sentence->add_words()->set_text(kEvil);
  sentence->add_warnings()->set_message(kEvil);
  server_.analysis.add_warnings()->set_message(kEvil);
  ExpectTamed(Ask({"analyze", "hello"}), "analysis");
}

TEST_F(HostileDaemonTest, WarningsAndWordsOfSpeech) {
  server_.on_stream = [](grpc::ServerContext*, FakeServer::Writer* writer) {
    for (v1::SynthesizeStreamResponse part : testing::GoodStream()) {
      if (part.has_summary()) part.mutable_summary()->add_warnings()->set_message(kEvil);
      if (part.has_chunk()) {
        for (auto& word : *part.mutable_chunk()->mutable_words()) word.set_text(kEvil);
      }
      writer->Write(part);
    }
    return grpc::Status::OK;
  };
  testing::TempDir folder;
  ExpectTamed(Ask({"say", "hello", "--timings", "-o", folder / "x.wav"}), "say");
}

TEST(HostileJobTest, LogAndState) {
  FakeTraining training;
  training.Add()->set_log_line(kEvil);
  auto* end = training.Add()->mutable_transition();
  end->set_to(v1::JOB_STATE_FAILED);
  end->set_reason(kEvil);
  ExpectTamed(RunM2tts({"train", "logs", "j", "--address", training.address()}), "logs");
  ExpectTamed(RunM2tts({"train", "watch", "j", "--address", training.address()}), "watch");
  training.before_event = [](grpc::ServerContext*, int, int64_t) {
    return grpc::Status(grpc::StatusCode::NOT_FOUND, kEvil);
  };
  ExpectTamed(RunM2tts({"train", "watch", "j", "--address", training.address()}), "an error");
}

}  // namespace
}  // namespace m2tts
