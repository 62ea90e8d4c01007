// The real trainer, killed at random moments, goes on bit for bit.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>

#include "core/base/file.h"
#include "tests/integration/process.h"
#include "trainer/data/dataset.h"
#include "trainer/loop/checkpoint.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

using ::testing::HasSubstr;

class ResumeTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(WriteDummyCorpus(dir_ / "corpus", 12, 22050).ok());
    WriteConfig("");
  }
  void WriteConfig(const std::string& more) const {
    std::ofstream(dir_ / "config.yaml") << fmt::format(R"(
threads: 1
data: {{root: {0}/corpus, cache: {0}/cache, validation: 2}}
model: {{hidden: 16, heads: 2, encoder_layers: 1, decoder_layers: 1, ffn_multiplier: 1, predictor_hidden: 16,
  predictor_layers: 1, dropout: 0.2, energy: true, vocoder: {{hidden: 16, blocks: 1, expansion: 1}}}}
aligner: {{steps: 16, frames_per_batch: 900, log_every: 1, checkpoint_every: 5, validate_every: 8}}
acoustic: {{steps: 24, frames_per_batch: 600, accumulate: 2, log_every: 1, checkpoint_every: 5, validate_every: 8}}
vocoder: {{steps: 12, segments_per_batch: 2, segment_frames: 16, log_every: 1, checkpoint_every: 5, validate_every: 8}}
acoustic_loss: {{adversarial_from: 6, discriminator_warmup: 4, discriminator_channels: 4, patch_frames: 16}}
vocoder_loss: {{adversarial_from: 4, discriminator_warmup: 3, discriminator_channels: 4}}
{1}
)",
                                                       dir_.path().string(), more);
  }
  std::vector<std::string> Command(const std::string& run, std::vector<std::string> more = {}) const {
    std::vector<std::string> command = {fs::path(M2TTS_BINARY_DIR) / "trainer/m2tts-trainer", "train",
                                        dir_ / "config.yaml", "--run", dir_ / run};
    command.insert(command.end(), more.begin(), more.end());
    return command;
  }
  // Values of the "step" lines of a run by stage and step, as written; a step that was done twice
  // must have the same both times.
  std::map<std::pair<std::string, int>, std::string> Losses(const std::string& run) const {
    std::map<std::pair<std::string, int>, std::string> losses;
    std::ifstream file(dir_ / run / "log.jsonl");
    for (std::string line; std::getline(file, line);) {
      auto json = nlohmann::json::parse(line, nullptr, false);
      if (json.is_discarded() || json["event"] != "step") continue;
      const std::pair<std::string, int> key = {json["stage"], json["step"]};
      for (const char* name : {"time", "frames_per_second"}) json.erase(name);
      const auto [found, added] = losses.emplace(key, json.dump());
      if (!added) {
        EXPECT_EQ(found->second, json.dump()) << "when repeated";
      }
    }
    return losses;
  }
  size_t StepLines(const std::string& run) const {
    const auto text = ReadFile(dir_ / run / "log.jsonl");
    size_t count = 0;
    for (size_t at = 0; text.ok() && (at = text->find("\"event\":\"step\"", at)) != std::string::npos; ++at)
      ++count;
    return count;
  }

  TempDir dir_;
};

TEST_F(ResumeTest, AKilledRunGoesOnBitForBit) {
  Process whole(Command("whole"));
  ASSERT_EQ(whole.Wait(120), 0) << whole.Errors();
  const auto expected = Losses("whole");
  ASSERT_EQ(expected.size(), 16u + 24 + 12);

  std::random_device seed;
  int kills = 0;
  for (const size_t upper : {15, 39, 51}) {  // once in each stage, most likely
    const size_t lines = StepLines("killed") + 1 + seed() % 10;
    if (lines > upper) continue;
    Process run(Command("killed"));
    while (StepLines("killed") < lines) ASSERT_EQ(run.Wait(0.001), -1) << run.Errors();
    run.Signal(SIGKILL);
    ASSERT_EQ(run.Wait(30), 128 + SIGKILL);
    ++kills;
  }
  EXPECT_GE(kills, 2);
  Process last(Command("killed"));
  ASSERT_EQ(last.Wait(120), 0) << last.Errors();
  EXPECT_EQ(Losses("killed"), expected);

  for (const char* stage : {"aligner", "acoustic", "vocoder"}) {
    std::vector<std::string> messages;
    const auto a = CheckpointFolder(dir_ / "whole" / stage, 1).LoadLatest(&messages);
    const auto b = CheckpointFolder(dir_ / "killed" / stage, 1).LoadLatest(&messages);
    ASSERT_TRUE(a.ok() && b.ok() && a->has_value() && b->has_value());
    for (const auto& [name, tensor] : (*a)->state) {
      // LibTorch writes the moments in the order of addresses; the losses have shown that they are the same.
      const bool moments = name.rfind(".adam") == name.size() - 5;
      EXPECT_TRUE(moments || torch::equal(tensor, (*b)->state.at(name))) << name;
    }
  }
}

TEST_F(ResumeTest, BudgetsLocksAndChangedConfigsHaveTheirExitCodesAndWords) {
  Process first(Command("run", {"--max-steps", "4"}));
  EXPECT_EQ(first.Wait(60), 3) << first.Errors();
  EXPECT_THAT(first.Errors(), HasSubstr("run the same command to go on"));
  {
    WriteConfig("seed: 9");
    Process changed(Command("run"));
    EXPECT_EQ(changed.Wait(60), 1);
    EXPECT_THAT(changed.Errors(), HasSubstr("seed: was not given, is 9"));
  }
  {
    std::ofstream(dir_ / "sensors.yaml") << "thermal: {level: critical}";
    WriteConfig(
        fmt::format("protection: {{sensors: {}, sample_seconds: 0.01}}", (dir_ / "sensors.yaml").string()));
    Process hot(Command("run"));
    EXPECT_EQ(hot.Wait(60), 4) << hot.Errors();
    EXPECT_THAT(hot.Errors(), HasSubstr("critical heat"));
  }
  // Paused by heat, it stays there until it is told to stop.
  std::ofstream(dir_ / "sensors.yaml") << "thermal: {level: serious}";
  Process paused(Command("run"));
  const auto is_paused = [&] {
    const auto log = ReadFile(dir_ / "run/log.jsonl");
    return log.ok() && log->find("\"event\":\"paused\"") != std::string::npos;
  };
  while (!is_paused()) ASSERT_EQ(paused.Wait(0.01), -1) << paused.Errors();
  Process second(Command("run"));
  EXPECT_EQ(second.Wait(60), 1);
  EXPECT_THAT(second.Errors(), HasSubstr(fmt::format("held by process {}", paused.pid())));
  EXPECT_THAT(second.Errors(), HasSubstr("--run"));
  paused.Signal(SIGTERM);
  EXPECT_EQ(paused.Wait(60), 130) << paused.Errors();
}

TEST_F(ResumeTest, ADeviceThatIsNotThereIsAClearError) {
  const std::string missing = torch::cuda::is_available() ? "mps" : "cuda";
  WriteConfig("device: " + missing);
  Process run(Command("run"));
  EXPECT_EQ(run.Wait(60), 1);
  EXPECT_THAT(run.Errors(), HasSubstr("device: '" + missing + "' is not available"));
  WriteConfig("device: cpu");
  Process checked(Command("run", {"--max-steps", "1"}));
  EXPECT_EQ(checked.Wait(60), 3) << checked.Errors();
}

TEST_F(ResumeTest, AnOutputThatCannotBeWrittenIsAClearError) {
  std::ofstream(dir_ / "file") << "x";
  Process run(Command("file/run"));
  EXPECT_EQ(run.Wait(60), 1);
  EXPECT_THAT(run.Errors(), HasSubstr((dir_ / "file/run").string()));
}

}  // namespace
}  // namespace m2tts
