// m2tts say against a server in this process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "client/json.h"
#include "client/wav_header.h"
#include "core/base/mutex.h"
#include "tests/client/cli_runner.h"
#include "tests/client/fake_server.h"

namespace m2tts {
namespace {

using testing::CliResult;
using testing::FakeServer;
using ::testing::HasSubstr;
using testing::ReadAll;
using testing::TempDir;

class SayTest : public ::testing::Test {
 protected:
  CliResult Say(std::vector<std::string> arguments, const std::string& input = "", bool terminal = false) {
    arguments.insert(arguments.begin(), {"--address", server_.address(), "say"});
    return testing::RunM2tts(arguments, input, terminal);
  }
  // What the server answers after the header and one chunk.
  void FailAfterFirstChunk(grpc::Status error) {
    server_.on_stream = [error](grpc::ServerContext*, FakeServer::Writer* writer) {
      const auto parts = testing::GoodStream();
      writer->Write(parts[0]);
      writer->Write(parts[1]);
      return error;
    };
  }

  FakeServer server_;
  TempDir dir_;
};

TEST_F(SayTest, WritesAFileSilently) {
  const auto result = Say({"Hello", "world.", "-o", dir_ / "x.wav"});
  EXPECT_EQ(result.code, kExitOk) << result.err;
  EXPECT_EQ(result.out + result.err, "");
  const std::string wav = ReadAll(dir_ / "x.wav");
  ASSERT_EQ(wav.size(), 52u);
  EXPECT_EQ(wav.substr(40), LittleEndian32(8) + "abcdefgh");
  EXPECT_EQ(server_.last_request().text(), "Hello world.");
}

TEST_F(SayTest, ShowsProgressOnATerminalOnly) {
  const auto result = Say({"Hello", "-o", dir_ / "x.wav"}, "", /*terminal=*/true);
  EXPECT_THAT(result.err, HasSubstr("s of audio"));
  EXPECT_THAT(result.err, HasSubstr("x.wav: 0.00 s of test at 8000 Hz, first audio after 20 ms"));
}

TEST_F(SayTest, StandardOutputGetsTheBytesAsTheyCome) {
  const auto result = Say({"Hello", "-o", "-"});
  EXPECT_EQ(result.code, kExitOk);
  EXPECT_EQ(result.out, testing::StreamingWavHeader() + "abcdefgh");
}

TEST_F(SayTest, TextFromFileAndStandardInput) {
  testing::WriteAll(dir_ / "in.txt", "From a file.\n");
  EXPECT_EQ(Say({"-f", dir_ / "in.txt", "-o", dir_ / "x.wav"}).code, kExitOk);
  EXPECT_EQ(server_.last_request().text(), "From a file.\n");
  EXPECT_EQ(Say({"-o", dir_ / "x.wav"}, "Piped.").code, kExitOk);
  EXPECT_EQ(server_.last_request().text(), "Piped.");
  EXPECT_EQ(Say({"-f", "-", "-o", dir_ / "x.wav"}, "Dash.").code, kExitOk);
  EXPECT_EQ(server_.last_request().text(), "Dash.");
  EXPECT_EQ(Say({"-o", dir_ / "x.wav", "--", "-5 degrees"}).code, kExitOk);
  EXPECT_EQ(server_.last_request().text(), "-5 degrees");
}

TEST_F(SayTest, NoTextOnATerminalIsAWrongCommandLine) {
  const auto result = Say({"-o", dir_ / "x.wav"}, "", /*terminal=*/true);
  EXPECT_EQ(result.code, kExitUsage);
  EXPECT_THAT(result.err, HasSubstr("there is no text"));
}

TEST_F(SayTest, UnreadableInput) {
  const auto result = Say({"-f", dir_ / "missing.txt", "-o", dir_ / "x.wav"});
  EXPECT_EQ(result.code, kExitNoInput);
  EXPECT_THAT(result.err, HasSubstr("missing.txt"));
  EXPECT_EQ(Say({"-f", dir_ / "", "-o", dir_ / "x.wav"}).code, kExitNoInput);
  EXPECT_EQ(Say({"-o", dir_ / "x.wav"}, std::string((16 << 20) + 1, 'a')).code, kExitUsage);
}

TEST_F(SayTest, ControlsReachTheServerOnlyWhenGiven) {
  EXPECT_EQ(Say({"x", "-o", dir_ / "x.wav"}).code, kExitOk);
  EXPECT_FALSE(server_.last_request().controls().has_speed());
  EXPECT_EQ(server_.last_request().audio_format().encoding(), v1::AUDIO_ENCODING_WAV);

  const auto result = Say({"x", "-o", dir_ / "x.raw", "--speed", "1.5", "--pitch", "-2", "--volume", "0",
                           "--voice", "v", "--speaker", "s", "--rate", "8000"});
  EXPECT_EQ(result.code, kExitOk) << result.err;
  const auto request = server_.last_request();
  EXPECT_EQ(request.controls().speed(), 1.5);
  EXPECT_EQ(request.controls().pitch(), -2);
  EXPECT_TRUE(request.controls().has_volume());
  EXPECT_EQ(request.voice().voice(), "v");
  EXPECT_EQ(request.voice().speaker(), "s");
  EXPECT_EQ(request.audio_format().sample_rate_hertz(), 8000);
  EXPECT_EQ(request.audio_format().encoding(), v1::AUDIO_ENCODING_PCM16);
}

TEST_F(SayTest, PausesVariationLoudnessAndMixturesReachTheServer) {
  const auto result = Say({"x", "-o", dir_ / "x.wav", "--sentence-pause", "0", "--paragraph-pause", "1.5",
                           "--pause-scale", "2", "--variation", "0.5", "--seed", "18446744073709551615",
                           "--loudness", "-16", "--mix", "slt=0.75,lj=.25"});
  EXPECT_EQ(result.code, kExitOk) << result.err;
  const auto request = server_.last_request();
  EXPECT_TRUE(request.controls().has_sentence_pause_seconds());
  EXPECT_EQ(request.controls().paragraph_pause_seconds(), 1.5);
  EXPECT_EQ(request.controls().pause_scale(), 2.0);
  EXPECT_EQ(request.controls().variation(), 0.5);
  EXPECT_EQ(request.controls().seed(), UINT64_MAX);
  EXPECT_EQ(request.controls().loudness_lufs(), -16.0);
  ASSERT_EQ(request.voice().speakers_size(), 2);
  EXPECT_EQ(request.voice().speakers(0).name(), "slt");
  EXPECT_EQ(request.voice().speakers(1).weight(), 0.25);
  for (const char* mix : {"slt", "slt=", "slt=x", "=1", "slt=1,,lj=1"}) {
    EXPECT_EQ(Say({"x", "-o", dir_ / "x.wav", "--mix", mix}).code, kExitUsage) << mix;
  }
  EXPECT_EQ(Say({"x", "-o", dir_ / "x.wav", "--mix", "a=1", "--speaker", "b"}).code, kExitUsage);
}

TEST_F(SayTest, TimestampsAreWrittenWhenAllIsWell) {
  auto parts = testing::GoodStream();
  auto* sentence = parts[1].mutable_chunk()->add_sentences();
  sentence->mutable_source()->set_end(12);
  sentence->set_sample_count(4);
  server_.on_stream = [parts](grpc::ServerContext*, FakeServer::Writer* writer) {
    for (const auto& part : parts) writer->Write(part);
    return grpc::Status::OK;
  };
  const auto result = Say({"Hello world.", "-o", dir_ / "x.wav", "--timestamps", dir_ / "x.srt"});
  EXPECT_EQ(result.code, kExitOk) << result.err;
  EXPECT_EQ(ReadAll(dir_ / "x.srt"), "1\n00:00:00,000 --> 00:00:00,001\nHello world.\n\n");
  EXPECT_EQ(server_.last_request().timestamps(), v1::TIMESTAMPS_WORDS);
  EXPECT_EQ(Say({"x", "-o", dir_ / "y.wav", "--timestamps", dir_ / "x.txt"}).code, kExitUsage);
  EXPECT_EQ(Say({"x", "-o", dir_ / "y.wav", "--timestamps", dir_ / "x.TextGrid"}).code, kExitOk);
  EXPECT_EQ(server_.last_request().timestamps(), v1::TIMESTAMPS_PHONEMES);
  FailAfterFirstChunk(grpc::Status(grpc::StatusCode::INTERNAL, "the device broke"));
  EXPECT_EQ(Say({"x", "-o", dir_ / "z.wav", "--timestamps", dir_ / "z.vtt"}).code, kExitInternal);
  EXPECT_EQ(ReadAll(dir_ / "z.vtt"), "");
}

TEST_F(SayTest, TextOptionsReachTheServer) {
  testing::WriteAll(dir_ / "words.txt", "zorb Z\n");
  const auto result =
      Say({"<speak>x</speak>", "-o", dir_ / "x.wav", "--ssml", "--lexicon", dir_ / "words.txt", "--say-and",
           "--date-order", "day-first", "--digits", "pairs"});
  EXPECT_EQ(result.code, kExitOk) << result.err;
  const v1::TextOptions options = server_.last_request().text_options();
  EXPECT_TRUE(options.ssml());
  EXPECT_FALSE(options.has_inline_phonemes());
  EXPECT_EQ(options.lexicon(), "zorb Z\n");
  EXPECT_TRUE(options.say_and());
  EXPECT_EQ(options.date_order(), v1::TextOptions::DAY_FIRST);
  EXPECT_EQ(options.digits(), v1::TextOptions::PAIRS);
  EXPECT_FALSE(options.has_phrase_breaks());
  EXPECT_EQ(Say({"x", "-o", dir_ / "x.wav", "--no-phrase-breaks"}).code, kExitOk);
  EXPECT_TRUE(server_.last_request().text_options().has_phrase_breaks());
  EXPECT_FALSE(server_.last_request().text_options().phrase_breaks());
  EXPECT_EQ(Say({"x", "-o", dir_ / "x.wav", "--phrase-breaks"}).code, kExitOk);
  EXPECT_TRUE(server_.last_request().text_options().phrase_breaks());
  EXPECT_EQ(Say({"x", "-o", dir_ / "x.wav", "--lexicon", dir_ / "missing"}).code, kExitNoInput);
}

TEST_F(SayTest, EncodingByNameAndByOption) {
  EXPECT_EQ(Say({"x", "-o", dir_ / "x.FLAC"}).code, kExitOk);
  EXPECT_EQ(server_.last_request().audio_format().encoding(), v1::AUDIO_ENCODING_FLAC);
  const std::pair<const char*, v1::AudioEncoding> names[] = {
      {"x.ogg", v1::AUDIO_ENCODING_OGG_OPUS}, {"x.opus", v1::AUDIO_ENCODING_OGG_OPUS},
      {"x.mp3", v1::AUDIO_ENCODING_MP3},      {"x.ulaw", v1::AUDIO_ENCODING_MULAW},
      {"x.alaw", v1::AUDIO_ENCODING_ALAW},    {"x.raw", v1::AUDIO_ENCODING_PCM16},
      {"x.f32", v1::AUDIO_ENCODING_PCM_F32},  {"x", v1::AUDIO_ENCODING_WAV}};
  for (const auto& [name, encoding] : names) {
    EXPECT_EQ(Say({"x", "-o", dir_ / name, "--sample-rate", "8000"}).code, kExitOk);
    EXPECT_EQ(server_.last_request().audio_format().encoding(), encoding) << name;
    EXPECT_EQ(server_.last_request().audio_format().sample_rate_hertz(), 8000);
  }
  EXPECT_EQ(Say({"x", "-o", dir_ / "x.flac", "--encoding", "mp4"}).code, kExitUsage);
  EXPECT_EQ(Say({"x", "-o", dir_ / "x.flac", "--encoding", "WAV"}).code, kExitOk);
  EXPECT_EQ(server_.last_request().audio_format().encoding(), v1::AUDIO_ENCODING_WAV);
}

TEST_F(SayTest, TimingsAndJson) {
  const auto timings = Say({"x", "-o", dir_ / "x.wav", "--timings"});
  EXPECT_EQ(timings.out, "0.000\t0.000\thello\n0.000\t0.001\tworld\n");
  EXPECT_EQ(Say({"x", "-o", "-", "--timings"}).err, timings.out) << "audio has standard output";
  const Json json = Json::parse(Say({"x", "-o", dir_ / "x.wav", "--json"}).out);
  EXPECT_EQ(json["samples"], 4);
  EXPECT_DOUBLE_EQ(json["seconds"], 0.0005);
  EXPECT_EQ(json["normalized_text"], "hello world");
  EXPECT_EQ(json["words"][1]["text"], "world");
  EXPECT_DOUBLE_EQ(json["timings"]["first_audio_seconds"], 0.02);
}

TEST_F(SayTest, MarksComeWithTheirTimes) {
  auto parts = testing::GoodStream();
  auto* mark = parts[2].mutable_chunk()->add_marks();
  mark->set_name("here");
  mark->set_first_sample(4);
  server_.on_stream = [parts](grpc::ServerContext*, FakeServer::Writer* writer) {
    for (const auto& part : parts) writer->Write(part);
    return grpc::Status::OK;
  };
  const Json json = Json::parse(Say({"x", "-o", dir_ / "x.wav", "--json"}).out);
  EXPECT_EQ(json["marks"][0]["name"], "here");
  EXPECT_DOUBLE_EQ(json["marks"][0]["seconds"], 0.0005);
}

TEST_F(SayTest, WarningsAreNeverLost) {
  auto parts = testing::GoodStream();
  auto* warning = parts[3].mutable_summary()->add_warnings();
  warning->mutable_range()->set_end(4);
  warning->set_message("an emoji is not spoken");
  server_.on_stream = [parts](grpc::ServerContext*, FakeServer::Writer* writer) {
    for (const auto& part : parts) writer->Write(part);
    return grpc::Status::OK;
  };
  const auto result = Say({"x", "-o", dir_ / "x.wav"});
  EXPECT_EQ(result.code, kExitOk);
  EXPECT_EQ(result.err, "m2tts: warning: bytes 0 to 4: an emoji is not spoken\n");
}

TEST_F(SayTest, FailureInTheMiddleLeavesNoFile) {
  FailAfterFirstChunk(grpc::Status(grpc::StatusCode::INTERNAL, "the device broke"));
  const auto result = Say({"x", "-o", dir_ / "x.wav"});
  EXPECT_EQ(result.code, kExitInternal);
  EXPECT_EQ(result.err, "m2tts: the device broke\n");
  EXPECT_EQ(dir_.file_count(), 0u);
}

TEST_F(SayTest, RefusalsExplainThemselves) {
  server_.on_stream = [](grpc::ServerContext*, FakeServer::Writer*) {
    return testing::ErrorWithFieldViolation("controls.speed", "9 is outside [0.25, 4]");
  };
  const auto result = Say({"x", "-o", dir_ / "x.wav", "--speed", "9"});
  EXPECT_EQ(result.code, kExitRefused);
  EXPECT_THAT(result.err, HasSubstr("controls.speed: 9 is outside [0.25, 4]"));
  EXPECT_EQ(dir_.file_count(), 0u);
}

TEST_F(SayTest, StreamThatEndsEarlyIsNoSuccess) {
  FailAfterFirstChunk(grpc::Status::OK);
  EXPECT_EQ(Say({"x", "-o", dir_ / "x.wav"}).code, kExitInternal);
  EXPECT_EQ(dir_.file_count(), 0u);
}

TEST_F(SayTest, OutputThatCannotBeWritten) {
  const auto result = Say({"x", "-o", dir_ / "missing/x.wav"});
  EXPECT_EQ(result.code, kExitOutput);
  EXPECT_THAT(result.err, HasSubstr("missing/x.wav"));
  EXPECT_EQ(Say({"x", "-o", dir_ / ""}).code, kExitOutput);
}

TEST_F(SayTest, TimeLimit) {
  server_.on_stream = [](grpc::ServerContext* context, FakeServer::Writer*) {
    while (!context->IsCancelled()) std::this_thread::yield();
    return grpc::Status::OK;
  };
  const auto result = Say({"x", "-o", dir_ / "x.wav", "--timeout", "0.05"});
  EXPECT_EQ(result.code, kExitTryLater);
  EXPECT_THAT(result.err, HasSubstr("Raise --timeout"));
}

TEST_F(SayTest, LiveSendsTheTextWordByWord) {
  Mutex mutex;
  std::vector<v1::SynthesizeLiveRequest> said;
  server_.on_live = [&](grpc::ServerContext*, FakeServer::Live* live) {
    v1::SynthesizeLiveRequest request;
    while (live->Read(&request)) {
      MutexLock lock(&mutex);
      said.push_back(request);
    }
    for (const auto& part : testing::GoodStream()) live->Write(part);
    return grpc::Status::OK;
  };
  const auto result =
      Say({"--live", "-o", dir_ / "x.wav", "--speed", "1.5", "--voice", "v"}, "Hello there,\nyou");
  EXPECT_EQ(result.code, kExitOk) << result.err;
  EXPECT_EQ(ReadAll(dir_ / "x.wav").substr(40), LittleEndian32(8) + "abcdefgh");
  MutexLock lock(&mutex);
  ASSERT_EQ(said.size(), 4u);
  EXPECT_EQ(said[0].config().text(), "");
  EXPECT_EQ(said[0].config().voice().voice(), "v");
  EXPECT_EQ(said[0].config().controls().speed(), 1.5);
  EXPECT_EQ(said[0].text(), "");
  const char* const words[] = {"Hello ", "there,\n", "you"};
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_FALSE(said[i + 1].has_config()) << i;
    EXPECT_EQ(said[i + 1].text(), words[i]);
  }
}

TEST_F(SayTest, LiveThatFailsLeavesNoFile) {
  server_.on_live = [&](grpc::ServerContext*, FakeServer::Live* live) {
    // To the end: what is not read would be waited for by a thread that outlives the command.
    v1::SynthesizeLiveRequest request;
    while (live->Read(&request)) {
    }
    const auto parts = testing::GoodStream();
    live->Write(parts[0]);
    live->Write(parts[1]);
    return grpc::Status(grpc::StatusCode::INTERNAL, "the device broke");
  };
  const auto result = Say({"--live", "-o", dir_ / "x.wav"}, "Hello there.");
  EXPECT_EQ(result.code, kExitInternal);
  EXPECT_THAT(result.err, HasSubstr("the device broke"));
  EXPECT_EQ(dir_.file_count(), 0u);
}

TEST_F(SayTest, LiveTakesItsTextFromStandardInputOnly) {
  for (const std::vector<std::string>& source :
       {std::vector<std::string>{"Hello"}, std::vector<std::string>{"-f", dir_ / "in.txt"}}) {
    std::vector<std::string> arguments = {"--live", "-o", dir_ / "x.wav"};
    arguments.insert(arguments.end(), source.begin(), source.end());
    const auto result = Say(arguments);
    EXPECT_EQ(result.code, kExitUsage) << source[0];
    EXPECT_THAT(result.err, HasSubstr("it takes no text and no -f")) << source[0];
  }
  const auto result = Say({"--live", "--ssml", "-o", dir_ / "x.wav"}, "<speak>x</speak>");
  EXPECT_EQ(result.code, kExitUsage);
  EXPECT_THAT(result.err, HasSubstr("--live takes no SSML"));
  EXPECT_EQ(dir_.file_count(), 0u);
}

}  // namespace
}  // namespace m2tts
