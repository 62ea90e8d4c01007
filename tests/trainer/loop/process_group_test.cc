// Two real processes on loopback.
#include "trainer/loop/process_group.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "core/base/file.h"
#include "tests/integration/process.h"
#include "trainer/data/dataset.h"
#include "trainer/loop/checkpoint.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

using ::testing::HasSubstr;

// Sets variables of this process, and takes them back.
class Variables {
 public:
  explicit Variables(const std::map<std::string, std::string>& values) : values_(values) {
    for (const auto& [name, value] : values_) setenv(name.c_str(), value.c_str(), 1);
  }
  ~Variables() {
    for (const auto& [name, value] : values_) unsetenv(name.c_str());
  }

 private:
  const std::map<std::string, std::string> values_;
};

TEST(ProcessGroupTest, OneProcessHasNone) {
  EXPECT_EQ(ProcessGroup::FromEnvironment()->get(), nullptr);
  const Variables variables(std::map<std::string, std::string>{{"WORLD_SIZE", "1"}});
  EXPECT_EQ(ProcessGroup::FromEnvironment()->get(), nullptr);
}

TEST(ProcessGroupTest, NamesTheVariableThatIsWrong) {
  const std::map<std::string, std::string> good = {
      {"WORLD_SIZE", "2"}, {"RANK", "1"}, {"MASTER_ADDR", "127.0.0.1"}, {"MASTER_PORT", "29500"}};
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, std::string>>{{"WORLD_SIZE", "two"},
                                                        {"WORLD_SIZE", "0"},
                                                        {"WORLD_SIZE", "99999999999"},
                                                        {"RANK", "2"},
                                                        {"RANK", "-1"},
                                                        {"RANK", ""},
                                                        {"MASTER_ADDR", ""},
                                                        {"MASTER_PORT", "0"},
                                                        {"MASTER_PORT", "80 "}}) {
    auto bad = good;
    bad[name] = value;
    const Variables variables(bad);
    const auto group = ProcessGroup::FromEnvironment();
    ASSERT_TRUE(absl::IsInvalidArgument(group.status())) << name << value << group.status();
    EXPECT_THAT(std::string(group.status().message()), HasSubstr(name + ":"));
  }
}

class TwoProcessesTest : public testing::Test {
 protected:
  void SetUp() override {
#ifdef M2TTS_THREAD_SANITIZER
    GTEST_SKIP() << "the sanitizer cannot look into Gloo, whose threads let go of tensors that are ours";
#endif
    ASSERT_TRUE(WriteDummyCorpus(dir_ / "corpus", 12, 22050).ok());
  }

  // Of the run `name`, whose vocoder listens to its own acoustic model. accumulate: batches of a step in each
  // process.
  fs::path WriteConfig(const std::string& name, int accumulate, int acoustic_steps) const {
    const fs::path path = dir_ / (name + ".yaml");
    std::ofstream(path) << fmt::format(R"(
threads: 1
data: {{root: {0}/corpus, cache: {0}/cache, validation: 2}}
model: {{hidden: 16, heads: 2, encoder_layers: 1, decoder_layers: 1, ffn_multiplier: 1, predictor_hidden: 16,
  predictor_layers: 1, dropout: 0, vocoder: {{hidden: 16, blocks: 1, expansion: 1}}}}
aligner: {{steps: 8, frames_per_batch: 400, accumulate: {1}, log_every: 1, checkpoint_every: 5}}
acoustic: {{steps: {2}, frames_per_batch: 400, accumulate: {1}, log_every: 1, checkpoint_every: 5, validate_every: 100}}
vocoder: {{steps: 8, segments_per_batch: 2, segment_frames: 16, accumulate: {1}, log_every: 1, predicted_by: {0}/{3}}}
vocoder_loss: {{adversarial_from: 3, discriminator_warmup: 2, discriminator_channels: 4}}
)",
                                       dir_.path().string(), accumulate, acoustic_steps, name);
    return path;
  }
  std::vector<std::string> Command(const fs::path& config, const std::string& run) const {
    return {fs::path(M2TTS_BINARY_DIR) / "trainer/m2tts-trainer", "train", config, "--run", dir_ / run};
  }
  static std::map<std::string, std::string> Place(int rank, int port) {
    return {{"WORLD_SIZE", "2"},
            {"RANK", std::to_string(rank)},
            {"MASTER_ADDR", "127.0.0.1"},
            {"MASTER_PORT", std::to_string(port)},
            {"OMP_NUM_THREADS", "1"}};
  }
  // Numbers of the "step" lines by stage, step and name.
  std::map<std::string, double> Figures(const std::string& run) const {
    std::map<std::string, double> figures;
    std::ifstream file(dir_ / run / "log.jsonl");
    for (std::string line; std::getline(file, line);) {
      const auto json = nlohmann::json::parse(line, nullptr, false);
      if (json.is_discarded() || json["event"] != "step") continue;
      for (const auto& [name, value] : json.items()) {
        if (!value.is_number() || name == "time" || name == "frames_per_second") continue;
        figures[fmt::format("{} {} {}", std::string(json["stage"]), int(json["step"]), name)] = value;
      }
    }
    return figures;
  }

  TempDir dir_;
};

TEST_F(TwoProcessesTest, LearnWhatOneDoesWithTwiceTheBatch) {
  Process one(Command(WriteConfig("one", 2, 12), "one"), {{"OMP_NUM_THREADS", "1"}});
  ASSERT_EQ(one.Wait(120), 0) << one.Errors();
  const fs::path config = WriteConfig("two", 1, 12);
  const int port = FreePort();
  Process first(Command(config, "two"), Place(0, port)), second(Command(config, "two"), Place(1, port));
  ASSERT_EQ(first.Wait(120), 0) << first.Errors();
  ASSERT_EQ(second.Wait(120), 0) << second.Errors();
  const auto expected = Figures("one"), found = Figures("two");
  ASSERT_GT(expected.size(), 100u);
  ASSERT_EQ(found.size(), expected.size());
  for (const auto& [name, value] : expected) {
    ASSERT_EQ(found.count(name), 1u) << name;
    EXPECT_NEAR(found.at(name), value, 1e-3 * std::max(0.1, std::abs(value))) << name;
  }
  // The second one wrote nothing but its log.
  EXPECT_TRUE(fs::exists(dir_ / "two/process-1/log.jsonl"));
  EXPECT_FALSE(fs::exists(dir_ / "two/process-1/acoustic/best.safetensors"));
}

TEST_F(TwoProcessesTest, TheDeathOfOneEndsTheOtherWithACheckpointFromWhichBothGoOn) {
  const fs::path config = WriteConfig("run", 1, 100000);
  const auto steps = [&] {
    const auto figures = Figures("run");
    return std::count_if(figures.begin(), figures.end(), [](const auto& figure) {
      return figure.first.rfind("acoustic ", 0) == 0 && figure.first.find(" loss") != std::string::npos;
    });
  };
  {
    const int port = FreePort();
    Process first(Command(config, "run"), Place(0, port)), second(Command(config, "run"), Place(1, port));
    while (steps() < 7) ASSERT_EQ(first.Wait(0.01), -1) << first.Errors() << second.Errors();
    second.Signal(SIGKILL);
    EXPECT_EQ(first.Wait(60), 4) << first.Errors();
    EXPECT_THAT(first.Errors(), HasSubstr("another process of the run is gone"));
    EXPECT_THAT(first.Errors(), HasSubstr("run the same command to go on"));
  }
  std::vector<std::string> messages;
  const auto saved = CheckpointFolder(dir_ / "run/acoustic", 1).LoadLatest(&messages);
  ASSERT_TRUE(saved.ok() && saved->has_value());
  EXPECT_GE((*saved)->step, 7);
  const int port = FreePort();
  Process first(Command(config, "run"), Place(0, port)), second(Command(config, "run"), Place(1, port));
  const auto before = steps();
  while (steps() < before + 2) ASSERT_EQ(first.Wait(0.01), -1) << first.Errors() << second.Errors();
  EXPECT_THAT(*ReadFile(dir_ / "run/process-1/log.jsonl"), HasSubstr("\"event\""));
  first.Signal(SIGTERM);
  EXPECT_EQ(first.Wait(60), 130) << first.Errors();
  EXPECT_EQ(second.Wait(60), 4) << second.Errors();
}

}  // namespace
}  // namespace m2tts
