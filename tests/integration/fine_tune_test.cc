// The whole way as a user goes it: the shipped voice is fine-tuned on real recordings, through heat and the
// death of the daemon, goes live and speaks. Once over gRPC, once by the command line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/integration/job_daemon.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// The sizes of the shipped voice, a few steps.
std::string FineTuning(int steps) {
  return "threads: 1\nlicence: CC0\nspeaker: lj\n"
         "data: {validation: 1, min_seconds: 0.5}\n"
         "model: {hidden: 128, heads: 2, encoder_layers: 4, decoder_layers: 3, ffn_multiplier: 4, "
         "ffn_kernel: 3,\n"
         "  depthwise_kernel: 5, decoder_attention: 7, predictor_hidden: 128, predictor_layers: 2,\n"
         "  vocoder: {type: istft, hidden: 160, blocks: 5, expansion: 3, kernel: 7}}\n"
         "aligner: {steps: 20, warmup_steps: 2, frames_per_batch: 400, log_every: 1, checkpoint_every: 5}\n"
         "acoustic: {steps: " +
         std::to_string(steps) +
         ", learning_rate: 0.0002, warmup_steps: 2, frames_per_batch: 400, log_every: 1, checkpoint_every: "
         "5}\n"
         "vocoder: {steps: 4, segments_per_batch: 2, segment_frames: 24, warmup_steps: 2, log_every: 1}\n";
}

class FineTuneTest : public testing::Test, public JobDaemon {
 protected:
  void SetUp() override {
    Prepare();
    const fs::path clips = M2TTS_SOURCE_DIR "/tests/data/ljspeech", speech = dir_ / "data/lj";
    fs::create_directories(speech / "wavs");
    std::ofstream table(speech / "metadata.csv");
    for (const auto& [id, text] :
         std::map<std::string, std::string>{{"LJ001-0008", "has never been surpassed."},
                                            {"LJ007-0217", "They go on to say"},
                                            {"LJ032-0100", "Marina Oswald"}}) {
      fs::copy(clips / (id + ".wav"), speech / "wavs");
      table << id << '|' << text << '|' << text << '\n';
    }
  }

  // Seconds of what `voice` says, well formed.
  void ExpectSpeech(const std::string& voice) {
    auto say = m2tts::Request("Hello world.");
    say.mutable_voice()->set_voice(voice);
    const auto spoken = Stream(&daemon_->synthesizer(), say);
    EXPECT_TRUE(spoken.status.ok()) << spoken.status.error_message();
    EXPECT_GT(spoken.audio.size(), 10000u);
  }

  // A command of m2tts against the daemon that runs; its standard output.
  std::string Command(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {CliPath(), "--address", daemon_->address()});
    Process process(arguments);
    const std::string out = process.ReadAll();
    EXPECT_EQ(process.Wait(300), 0) << process.Errors();
    errors_ = process.Errors();
    return out;
  }
  std::string StateByCommand(const std::string& id) {
    return nlohmann::json::parse(Command({"--json", "train", "show", id}), nullptr, false).value("state", "");
  }

  std::string errors_;
};

TEST_F(FineTuneTest, OverGrpcThroughHeatAndTheDeathOfTheDaemon) {
  StartDaemon();
  auto request = Request("tuned", 1);
  request.mutable_spec()->set_kind(v1::JOB_KIND_FINE_TUNE);
  request.mutable_spec()->set_config_yaml(FineTuning(8));
  request.mutable_spec()->set_dataset("lj");
  request.mutable_spec()->set_base_voice("en_US-slt");
  request.mutable_spec()->set_voice_name("en_US-lj");
  request.mutable_spec()->set_publish(true);
  const grpc::Status submitted = Submit(request);
  ASSERT_TRUE(submitted.ok()) << submitted.error_message();

  ASSERT_TRUE(WatchUntilStep("tuned", 3)) << Get("tuned").message();
  Heat(95);
  ASSERT_TRUE(WatchUntilState("tuned", v1::JOB_STATE_PAUSED));
  EXPECT_EQ(Get("tuned").pause_reason(), v1::PAUSE_REASON_THERMAL);
  ExpectSpeech("en_US-slt");
  KillDaemon();  // in the middle of the heat
  StartDaemon();
  Heat(50);
  ASSERT_TRUE(WatchUntilState("tuned", v1::JOB_STATE_SUCCEEDED)) << Get("tuned").message();

  const v1::Job job = Get("tuned");
  EXPECT_EQ(job.published_voice(), "en_US-lj");
  ExpectSpeech("en_US-lj");
  EXPECT_EQ(LossCurve("tuned").size(), 20u + 8u + 4u);
  // It began where the shipped voice stands.
  std::ifstream log(JobFile("tuned", "worker.log"));
  EXPECT_THAT(std::string(std::istreambuf_iterator<char>(log), {}), HasSubstr("en_US-slt"));
}

TEST_F(FineTuneTest, ByTheCommandLine) {
  StartDaemon();
  const std::string config = dir_ / "tune.yaml";
  std::ofstream(config) << FineTuning(8);
  EXPECT_THAT(
      Command({"train", "submit", config, "--kind", "fine-tune", "--base", "en_US-slt", "--dataset",
               (dir_ / "data/lj").string(), "--id", "mine", "--voice", "mine", "--publish", "--detach"}),
      HasSubstr("mine"));
  ASSERT_TRUE(WatchUntilStep("mine", 1)) << Get("mine").message();
  Command({"train", "pause", "mine"});
  ASSERT_TRUE(WatchUntilState("mine", v1::JOB_STATE_PAUSED));
  EXPECT_EQ(StateByCommand("mine"), "PAUSED");
  Heat(95);
  Command({"train", "resume", "mine"});  // nobody holds it but the heat
  while (Get("mine").pause_reason() != v1::PAUSE_REASON_THERMAL) {
    ASSERT_FALSE(Get("mine").has_end_time()) << "it ended in the heat";
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  KillDaemon();
  Heat(50);
  StartDaemon();
  Command({"train", "watch", "mine"});
  EXPECT_EQ(StateByCommand("mine"), "SUCCEEDED");
  EXPECT_THAT(Command({"voices"}), HasSubstr("mine"));
  Command({"say", "Hello.", "--voice", "mine", "-o", dir_ / "hello.wav"});
  EXPECT_GT(fs::file_size(dir_ / "hello.wav"), 10000u);
}

}  // namespace
}  // namespace m2tts
