// The built m2tts against the built m2ttsd with the shipped voice: two real processes and a port.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "tests/integration/daemon.h"
#include "tests/integration/process.h"

namespace m2tts {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kCli[] = M2TTS_BINARY_DIR "/client/m2tts";

uint32_t Read32(const std::string& bytes, size_t offset) {
  uint32_t value = 0;
  for (size_t i = 4; i-- > 0;) value = value << 8 | static_cast<uint8_t>(bytes.at(offset + i));
  return value;
}

class EndToEndTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { daemon_ = new DaemonUnderTest(); }
  static void TearDownTestSuite() {
    delete daemon_;
    daemon_ = nullptr;
  }
  void SetUp() override { ASSERT_TRUE(daemon_->ready()); }

  std::vector<std::string> Command(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {kCli, "--address", daemon_->address()});
    return arguments;
  }
  // Runs to the end; sets out_, err_ and returns the exit code.
  int Run(const std::vector<std::string>& arguments) {
    Process process(Command(arguments));
    out_ = process.ReadAll();
    const int code = process.Wait();
    err_ = process.Errors();
    return code;
  }
  std::string FileContent(const std::string& name) {
    std::ifstream file(dir_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  bool FolderIsEmpty() { return std::filesystem::is_empty(dir_.path()); }

  static DaemonUnderTest* daemon_;
  TempDir dir_;
  std::string out_;
  std::string err_;
};

DaemonUnderTest* EndToEndTest::daemon_ = nullptr;

TEST_F(EndToEndTest, SaysIntoAWavFileWithExactSizes) {
  ASSERT_EQ(Run({"say", "Hello world.", "-o", dir_ / "x.wav", "--json"}), 0) << err_;
  const auto json = nlohmann::json::parse(out_);
  const std::string wav = FileContent("x.wav");
  ASSERT_GT(wav.size(), 44u);
  EXPECT_THAT(wav, StartsWith("RIFF"));
  EXPECT_EQ(Read32(wav, 4), wav.size() - 8);
  EXPECT_EQ(Read32(wav, 40), wav.size() - 44);
  EXPECT_EQ(json["samples"], (wav.size() - 44) / 2);
  EXPECT_GT(json["seconds"], 0.4);
  EXPECT_LT(json["seconds"], 4.0);
  EXPECT_GT(Loudness(wav.substr(44)), 0.005);
  ASSERT_EQ(json["words"].size(), 2u);
  EXPECT_EQ(json["words"][0]["text"], "hello");
  EXPECT_EQ(json["words"][1]["source"], nlohmann::json::array({6, 11}));
}

TEST_F(EndToEndTest, StandardOutputHasTheSameSamples) {
  ASSERT_EQ(Run({"say", "Good morning.", "-o", dir_ / "x.raw"}), 0) << err_;
  const std::string file = FileContent("x.raw");
  ASSERT_EQ(Run({"say", "Good morning.", "-o", "-", "--encoding", "pcm16"}), 0) << err_;
  EXPECT_EQ(out_.size(), file.size());
  EXPECT_EQ(out_, file);
}

TEST_F(EndToEndTest, ReadsAFileAndWritesFlac) {
  std::ofstream(dir_ / "in.txt") << "A sentence from a file.\n";
  ASSERT_EQ(Run({"say", "-f", dir_ / "in.txt", "-o", dir_ / "x.flac", "--speed", "1.5", "--rate", "16000"}),
            0)
      << err_;
  EXPECT_THAT(FileContent("x.flac"), StartsWith("fLaC"));
}

TEST_F(EndToEndTest, RefusalsHaveAClearLineAndLeaveNoFile) {
  EXPECT_EQ(Run({"say", "x", "-o", dir_ / "x.wav", "--speed", "9"}), 65);
  EXPECT_THAT(err_, HasSubstr("speed"));
  EXPECT_EQ(Run({"say", "x", "-o", dir_ / "x.wav", "--voice", "nobody"}), 65);
  EXPECT_THAT(err_, HasSubstr("nobody"));
  EXPECT_EQ(Run({"say", "", "-o", dir_ / "x.wav"}), 65);
  EXPECT_EQ(Run({"say", "\xFF\xFE", "-o", dir_ / "x.wav"}), 65);
  EXPECT_TRUE(FolderIsEmpty());
}

TEST_F(EndToEndTest, SaysInEveryEncoding) {
  const std::pair<const char*, const char*> starts[] = {
      {"x.wav", "RIFF"}, {"x.flac", "fLaC"}, {"x.ogg", "OggS"}, {"x.opus", "OggS"}, {"x.mp3", "\xff"}};
  for (const auto& [name, start] : starts) {
    ASSERT_EQ(Run({"say", "Hello.", "-o", dir_ / name}), 0) << err_;
    EXPECT_THAT(FileContent(name), StartsWith(start)) << name;
  }
  ASSERT_EQ(Run({"say", "Hello.", "-o", dir_ / "x.ulaw", "--json"}), 0) << err_;
  EXPECT_EQ(nlohmann::json::parse(out_)["samples"], FileContent("x.ulaw").size());
  EXPECT_EQ(Run({"say", "Hello.", "-o", dir_ / "y.opus", "--rate", "44100"}), 65);
  EXPECT_THAT(err_, HasSubstr("44100 Hz is not possible with opus"));
}

TEST_F(EndToEndTest, WritesTimestamps) {
  const std::string text = "Good morning. It is ten past nine.";
  for (const char* name : {"x.json", "x.srt", "x.vtt", "x.TextGrid"}) {
    ASSERT_EQ(Run({"say", text, "-o", dir_ / "x.wav", "--timestamps", dir_ / name}), 0) << err_;
  }
  EXPECT_THAT(FileContent("x.srt"), HasSubstr(" --> "));
  EXPECT_THAT(FileContent("x.srt"), HasSubstr("It is ten past nine.\n"));
  EXPECT_THAT(FileContent("x.vtt"), StartsWith("WEBVTT\n"));
  EXPECT_THAT(FileContent("x.TextGrid"), HasSubstr("text = \"AO1\""));
  const auto json = nlohmann::json::parse(FileContent("x.json"));
  ASSERT_EQ(json["sentences"].size(), 2u);
  EXPECT_EQ(json["words"].size(), 7u);
  EXPECT_GT(json["words"][0]["phonemes"].size(), 1u);
}

TEST_F(EndToEndTest, TimestampsThatCannotBeWrittenLeaveTheOldAudio) {
  std::ofstream(dir_ / "x.wav") << "old";
  std::ofstream(dir_ / "file") << "no folder";
  EXPECT_EQ(Run({"say", "Hello.", "-o", dir_ / "x.wav", "--timestamps", dir_ / "file/x.srt"}), 74) << err_;
  EXPECT_EQ(FileContent("x.wav"), "old");
}

// What arrives bit by bit is shown as it is spoken.
TEST_F(EndToEndTest, WritesSubtitlesOfLiveText) {
  std::ofstream(dir_ / "in.txt") << "Good morning. It is ten past nine.\n";
  std::vector<std::string> command =
      Command({"say", "--live", "-o", dir_ / "x.wav", "--timestamps", dir_ / "x.srt"});
  const std::vector<std::string> shell = {"/bin/sh", "-c", "\"$@\" < " + (dir_ / "in.txt").string(), "sh"};
  command.insert(command.begin(), shell.begin(), shell.end());
  Process process(command);
  process.ReadAll();
  ASSERT_EQ(process.Wait(), 0) << process.Errors();
  EXPECT_THAT(FileContent("x.srt"), HasSubstr("good morning"));
  EXPECT_THAT(FileContent("x.srt"), HasSubstr("ten past nine"));
}

TEST_F(EndToEndTest, BenchMeasuresOpenAndClosedLoops) {
  for (const std::vector<std::string>& loop :
       {std::vector<std::string>{"-r", "20"}, std::vector<std::string>{"-c", "3"}}) {
    std::vector<std::string> command = {"bench",    "--json", "-n",          "20",
                                        "--cancel", "0.2",    "--encodings", "all"};
    command.insert(command.end(), loop.begin(), loop.end());
    ASSERT_EQ(Run(command), 0) << err_;
    const auto json = nlohmann::json::parse(out_);
    EXPECT_EQ(json["requests"], 20);
    EXPECT_EQ(json["errors"], 0) << out_;
    EXPECT_GT(json["ttfa_ms"]["p50"], 0.1);
    EXPECT_GE(json["ttfa_ms"]["p99"], json["ttfa_ms"]["p50"]);
    EXPECT_GT(json["rtf"], 0.0);
    EXPECT_GT(json["throughput_audio_s_per_s"], 0.0);
    EXPECT_GT(json["rss_bytes"], 50'000'000);
  }
  EXPECT_TRUE(daemon_->WaitIdle());
}

TEST_F(EndToEndTest, BenchAsksTheDaemonWhatOnlyItCanMeasure) {
  ASSERT_EQ(Run({"bench", "--json", "-n", "20", "-c", "2", "--cancel", "1", "--lengths", "2000",
                 "--idle-streams", "50", "--metrics", daemon_->http_address()}),
            0)
      << err_;
  const auto json = nlohmann::json::parse(out_);
  EXPECT_EQ(json["cancelled"], 20) << out_;
  EXPECT_GT(json["cancel_to_stop_ms"]["count"], 5) << "of those that the device had begun";
  EXPECT_LT(json["cancel_to_stop_ms"]["p50"], 1000);
  EXPECT_EQ(json["idle_streams"]["count"], 50);
  EXPECT_LT(json["idle_streams"]["bytes_each"], 1'000'000);
  EXPECT_TRUE(daemon_->WaitIdle());
}

TEST_F(EndToEndTest, InterruptedBenchReportsWhatItHas) {
  const double before = daemon_->Metric("m2tts_first_audio_seconds_count");
  Process process(Command({"bench", "--json", "-d", "600"}));
  // Once the daemon has work, the bench is under way.
  while (daemon_->Metric("m2tts_first_audio_seconds_count") <= before && process.Wait(0.01) == -1) {
  }
  process.Signal(SIGINT);
  const std::string out = process.ReadAll();
  EXPECT_EQ(process.Wait(), 0) << process.Errors();
  EXPECT_EQ(nlohmann::json::parse(out)["errors"], 0);
}

TEST_F(EndToEndTest, StatusVoicesAndAnalysis) {
  ASSERT_EQ(Run({"status", "--json"}), 0) << err_;
  const auto status = nlohmann::json::parse(out_);
  EXPECT_EQ(status["state"], "SERVING");
  ASSERT_EQ(Run({"voices", "--json"}), 0) << err_;
  const auto voices = nlohmann::json::parse(out_)["voices"];
  ASSERT_GE(voices.size(), 1u);
  EXPECT_EQ(voices.size(), status["voices"].size());
  ASSERT_EQ(Run({"analyze", "Dr. Smith paid $3."}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("three dollars"));
}

TEST_F(EndToEndTest, InterruptedClientLeavesNoFileAndFreesTheDaemon) {
  Process process(Command({"say", LongText(400), "-o", dir_ / "x.wav"}));
  // The temporary file is there once the client works.
  while (FolderIsEmpty() && process.Wait(0.01) == -1) {
  }
  process.Signal(SIGINT);
  EXPECT_EQ(process.Wait(), 130) << process.Errors();
  EXPECT_TRUE(FolderIsEmpty());
  EXPECT_TRUE(daemon_->WaitIdle());
}

TEST(CliProgramTest, NeedsNeitherDaemonNorTerminalToStart) {
  Process process({kCli, "--version"});
  EXPECT_THAT(process.ReadAll(), StartsWith("m2tts "));
  EXPECT_EQ(process.Wait(), 0);
}

TEST(CliProgramTest, LinksNoLibTorch) {
#ifdef __linux__
  const int found = std::system("ldd " M2TTS_BINARY_DIR "/client/m2tts | grep -q libtorch");
#else
  const int found = std::system("otool -L " M2TTS_BINARY_DIR "/client/m2tts | grep -q libtorch");
#endif
  EXPECT_NE(found, 0);
}

}  // namespace
}  // namespace m2tts
