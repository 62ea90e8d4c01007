#include "server/jobs/worker_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "core/base/file.h"
#include "tests/core/base/temp_folder.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::Not;
using testing::UnorderedElementsAre;

class WorkerCommandTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder_.path() / "data" / "corpus");
    MakeVoice("base");
    MakeVoice("teacher");
    environment_.state_dir = folder_.path() / "state";
    environment_.voices = folder_.path() / "voices";
    environment_.trainer = "/bin/m2tts-trainer";
    environment_.data_roots = {folder_.path() / "data"};
    record_.job.set_id("job");
    spec().set_config_yaml("licence: CC0\n");
    spec().set_dataset("corpus");
  }
  void MakeVoice(const std::string& name) {
    fs::create_directories(folder_.path() / "voices" / name);
    std::ofstream(folder_.path() / "voices" / name / "voice.json") << "{}";
  }
  v1::JobSpec& spec() { return *record_.job.mutable_spec(); }
  std::string root() const { return environment_.data_roots.front().string(); }

  std::vector<std::string> Arguments(const std::string& phase) {
    const auto options = WorkerCommand(record_, phase, config_, environment_);
    EXPECT_TRUE(options.ok()) << options.status();
    return options.ok() ? options->arguments : std::vector<std::string>();
  }
  // What follows each `flag`.
  static std::vector<std::string> Values(const std::vector<std::string>& arguments, const std::string& flag) {
    std::vector<std::string> values;
    for (size_t i = 0; i + 1 < arguments.size(); ++i) {
      if (arguments[i] == flag) values.push_back(arguments[i + 1]);
    }
    return values;
  }

  TempFolder folder_;
  JobEnvironment environment_;
  JobsConfig config_;
  JobRecord record_;
};

TEST_F(WorkerCommandTest, ATrainingReadsItsDataAndWritesItsRun) {
  const auto arguments = Arguments("train");
  EXPECT_THAT(Values(arguments, "--sandbox"), ElementsAre("auto"));
  EXPECT_THAT(Values(arguments, "--sandbox-read"),
              UnorderedElementsAre(environment_.config("job").string(), root()));
  EXPECT_THAT(Values(arguments, "--sandbox-write"),
              UnorderedElementsAre(environment_.run("job").string(), environment_.features().string()));
  EXPECT_THAT(Values(arguments, "--sandbox-temp"), ElementsAre(environment_.temporary("job").string()));
  for (const fs::path& folder :
       {environment_.run("job"), environment_.features(), environment_.temporary("job")}) {
    EXPECT_TRUE(fs::is_directory(folder)) << folder;  // the kernel holds nothing to what does not exist
  }
  EXPECT_THAT(Values(arguments, "--memory-limit-mb"), ElementsAre("0"));
  EXPECT_THAT(Values(arguments, "train"), ElementsAre(environment_.config("job").string()));
}

TEST_F(WorkerCommandTest, FlagsOfTheWorkerStandBeforeTheCommand) {
  const auto arguments = Arguments("train");
  const auto command = std::find(arguments.begin(), arguments.end(), "train");
  EXPECT_EQ(std::count(command, arguments.end(), "--sandbox"), 0);
  EXPECT_EQ(std::count(command, arguments.end(), "--background"), 0);
}

TEST_F(WorkerCommandTest, VoicesThatTheConfigNamesAreRead) {
  spec().set_kind(v1::JOB_KIND_FINE_TUNE);
  spec().set_base_voice("base");
  spec().set_config_yaml("licence: CC0\nvocoder: {predicted_by: teacher}\n");
  // Export takes from them what was not trained.
  for (const char* phase : {"train", "export"}) {
    const auto read = Values(Arguments(phase), "--sandbox-read");
    EXPECT_THAT(read, Contains((environment_.voices / "base").string())) << phase;
    EXPECT_THAT(read, Contains((environment_.voices / "teacher").string())) << phase;
  }
}

TEST_F(WorkerCommandTest, OnlyWhatThePhaseNeeds) {
  spec().set_kind(v1::JOB_KIND_COMPRESS);
  spec().set_base_voice("base");
  spec().clear_dataset();
  auto arguments = Arguments("compress");
  EXPECT_THAT(Values(arguments, "--sandbox-read"), ElementsAre((environment_.voices / "base").string()));
  EXPECT_THAT(Values(arguments, "--sandbox-write"),
              ElementsAre((environment_.job("job") / "voice").string()));

  spec().set_kind(v1::JOB_KIND_CHECK);
  spec().set_dataset("corpus");
  arguments = Arguments("check");
  EXPECT_THAT(Values(arguments, "--sandbox-read"), ElementsAre(root()));
  EXPECT_THAT(Values(arguments, "--sandbox-write"), ElementsAre());

  spec().set_kind(v1::JOB_KIND_EVALUATE);
  arguments = Arguments("evaluate");
  EXPECT_THAT(Values(arguments, "--sandbox-read"),
              UnorderedElementsAre((environment_.voices / "base").string(), root()));
  EXPECT_THAT(Values(arguments, "--sandbox-write"), ElementsAre());
}

TEST_F(WorkerCommandTest, TheReportLiesInTheRunAndReadsNothingElse) {
  const auto arguments = Arguments("report");
  EXPECT_THAT(Values(arguments, "report"), ElementsAre(environment_.run("job").string()));
  EXPECT_THAT(Values(arguments, "--sandbox-read"), ElementsAre());
  EXPECT_THAT(Values(arguments, "--sandbox-write"), ElementsAre(environment_.run("job").string()));
}

TEST_F(WorkerCommandTest, TemporaryFilesOfAnEarlierWorkerAreGone) {
  fs::create_directories(environment_.temporary("job") / "m2tts-left");
  (void)Arguments("train");
  EXPECT_TRUE(fs::is_empty(environment_.temporary("job")));
}

TEST_F(WorkerCommandTest, OffGivesNoFlags) {
  config_.sandbox = "off";
  for (const std::string& argument : Arguments("train")) {
    EXPECT_EQ(argument.find("--sandbox"), std::string::npos) << argument;
  }
}

TEST_F(WorkerCommandTest, ATrainingIsToldItsStagesPartsAndLease) {
  spec().add_stages("acoustic");
  spec().add_stages("vocoder");
  record_.min_parts = 4;
  config_.memory_limit_mb = 2048;
  const auto options = WorkerCommand(record_, "train", config_, environment_);
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_EQ(options->program, environment_.trainer);
  EXPECT_EQ(options->log, environment_.job("job") / "worker.log");
  EXPECT_TRUE(options->output.empty());
  EXPECT_TRUE(options->lease);
  EXPECT_THAT(Values(options->arguments, "--run"), ElementsAre(environment_.run("job").string()));
  EXPECT_THAT(Values(options->arguments, "--lease-fd"), ElementsAre("{lease}"));
  EXPECT_THAT(Values(options->arguments, "--min-parts"), ElementsAre("4"));
  EXPECT_THAT(Values(options->arguments, "--stages"), ElementsAre("acoustic", "vocoder"));
  EXPECT_THAT(Values(options->arguments, "--memory-limit-mb"), ElementsAre("2048"));
}

// A resumed run compares it with that of its checkpoint.
TEST_F(WorkerCommandTest, TheConfigIsWrittenOnce) {
  (void)Arguments("train");
  const auto written = ReadFile(environment_.config("job"));
  ASSERT_TRUE(written.ok()) << written.status();
  spec().set_config_yaml("licence: CC0\nname: another\n");
  (void)Arguments("train");
  EXPECT_EQ(ReadFile(environment_.config("job")).value_or(""), *written);
}

TEST_F(WorkerCommandTest, AnExportStoresTheVoiceAsAsked) {
  auto arguments = Arguments("export");
  EXPECT_THAT(Values(arguments, "export"), ElementsAre(environment_.run("job").string()));
  EXPECT_THAT(Values(arguments, "-o"), ElementsAre(environment_.voice("job", "job").string()));
  EXPECT_THAT(Values(arguments, "--dtype"), ElementsAre("fp16"));
  EXPECT_THAT(Values(arguments, "--sandbox-write"),
              ElementsAre((environment_.job("job") / "voice").string()));
  spec().set_voice_name("mine");
  spec().set_dtype("int8");
  arguments = Arguments("export");
  EXPECT_THAT(Values(arguments, "-o"), ElementsAre(environment_.voice("job", "mine").string()));
  EXPECT_THAT(Values(arguments, "--dtype"), ElementsAre("int8"));
}

TEST_F(WorkerCommandTest, ANewVoiceIsEvaluatedAndItsWordsCountedWhenTheyDecide) {
  spec().set_evaluation_dataset("corpus");
  spec().set_evaluation_limit(7);
  const auto options = WorkerCommand(record_, "evaluate", config_, environment_);
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_EQ(options->output, environment_.job("job") / "evaluation.json");
  EXPECT_FALSE(options->lease);
  EXPECT_THAT(Values(options->arguments, "eval"), ElementsAre(environment_.voice("job", "job").string()));
  EXPECT_THAT(Values(options->arguments, "--data"),
              ElementsAre(fs::canonical(environment_.data_roots.front() / "corpus").string()));
  EXPECT_THAT(Values(options->arguments, "--limit"), ElementsAre("7"));
  EXPECT_THAT(options->arguments, Contains("--json"));
  EXPECT_THAT(options->arguments, Contains("--no-wer")) << "nobody asked for them, and they take long";
  spec().set_publish_max_word_error_percent(20.0);
  EXPECT_THAT(Arguments("evaluate"), Not(Contains("--no-wer")));
}

TEST_F(WorkerCommandTest, AJobThatOnlyEvaluatesCountsWordsOfItsBase) {
  spec().set_kind(v1::JOB_KIND_EVALUATE);
  spec().set_base_voice("base");
  const auto arguments = Arguments("evaluate");
  EXPECT_THAT(Values(arguments, "eval"), ElementsAre((environment_.voices / "base").string()));
  EXPECT_THAT(arguments, Not(Contains("--no-wer")));
  EXPECT_THAT(Values(arguments, "--limit"), ElementsAre("0"));
}

TEST_F(WorkerCommandTest, OtherCommandsNameWhatTheyReadAndWrite) {
  spec().set_kind(v1::JOB_KIND_CHECK);
  const auto check = WorkerCommand(record_, "check", config_, environment_);
  ASSERT_TRUE(check.ok()) << check.status();
  EXPECT_EQ(check->output, environment_.job("job") / "check.json");
  EXPECT_THAT(Values(check->arguments, "check"),
              ElementsAre(fs::canonical(environment_.data_roots.front() / "corpus").string()));
  EXPECT_THAT(Values(check->arguments, "--jobs"), ElementsAre("1"));

  spec().set_kind(v1::JOB_KIND_COMPRESS);
  spec().set_base_voice("base");
  spec().set_voice_name("small");
  spec().set_dtype("int8");
  const auto arguments = Arguments("compress");
  EXPECT_THAT(Values(arguments, "compress"), ElementsAre((environment_.voices / "base").string()));
  EXPECT_THAT(Values(arguments, "-o"), ElementsAre(environment_.voice("job", "small").string()));
  EXPECT_THAT(Values(arguments, "--dtype"), ElementsAre("int8"));
}

TEST_F(WorkerCommandTest, AnUnknownPhaseIsAnError) {
  EXPECT_EQ(WorkerCommand(record_, "sing", config_, environment_).status().code(), StatusCode::kInternal);
}

}  // namespace
}  // namespace m2tts
