// What shells offer for m2tts-trainer, asked of bash.
#include <gmock/gmock.h>

#include "tests/trainer/cli/trainer_command.h"

namespace m2tts {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class TrainerCompletionTest : public TrainerCommandTest {
 protected:
  // For the words of a command line, the last of which is being typed, in a folder with "runs.txt".
  std::string Offers(const std::string& words, int last) const {
    Put("runs.txt", "");
    const std::string script =
        "cd " + folder_.path().string() + "; source <(" + kTrainer + " completion bash); COMP_WORDS=(" +
        words + "); COMP_CWORD=" + std::to_string(last) + "; _m2tts_trainer; echo \"${COMPREPLY[@]}\"";
    return RunAll({"/bin/bash", "-c", script}).out;
  }
};

TEST_F(TrainerCompletionTest, CommandsOptionsValuesAndFiles) {
  EXPECT_EQ(Offers("m2tts-trainer ex", 1), "export\n");
  EXPECT_EQ(Offers("m2tts-trainer train --max", 2), "--max-minutes --max-steps\n");
  EXPECT_EQ(Offers("m2tts-trainer train x.yaml --stages a", 4), "aligner acoustic\n");
  EXPECT_EQ(Offers("m2tts-trainer report ru", 2), "runs.txt\n");
  EXPECT_EQ(Offers("m2tts-trainer train x.yaml --run ru", 4), "runs.txt\n");
  EXPECT_EQ(Offers("m2tts-trainer completion f", 2), "fish\n");
}

TEST_F(TrainerCompletionTest, WhatIsNotForPeopleIsNotOffered) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const ProcessResult script = Run({"completion", shell});
    EXPECT_EQ(script.exit_code, 0);
    EXPECT_THAT(script.out, HasSubstr("m2tts-trainer"));
    EXPECT_THAT(script.out, Not(HasSubstr("sandbox"))) << shell;
  }
}

TEST_F(TrainerCompletionTest, FishKnowsWhichOptionsTakeFiles) {
  const std::string fish = Run({"completion", "fish"}).out;
  EXPECT_THAT(fish, HasSubstr("-n __fish_use_subcommand -f -a train\n"));
  EXPECT_THAT(fish, HasSubstr("seen_subcommand_from export' -l dtype -x -a 'fp32 fp16 int8'\n"));
  EXPECT_THAT(fish, HasSubstr("seen_subcommand_from train' -l run -r -F\n"));
}

}  // namespace
}  // namespace m2tts
