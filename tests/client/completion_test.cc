// The scripts are run by the shells they are for, where these are installed.
#include <gtest/gtest.h>

#include "tests/client/cli_runner.h"

namespace m2tts {
namespace {

using testing::RunM2tts;
using testing::TempDir;

// What bash would offer for the words of a command line; the last one is being typed.
std::string BashOffers(const std::string& words, int last) {
  TempDir dir;
  testing::WriteAll(dir / "script", RunM2tts({"completion", "bash"}).out + "COMP_WORDS=(" + words +
                                        ")\nCOMP_CWORD=" + std::to_string(last) +
                                        "\n_m2tts\necho \"${COMPREPLY[@]}\"\n");
  EXPECT_EQ(std::system(("bash " + dir / "script" + " > " + dir / "out").c_str()), 0);
  return testing::ReadAll(dir / "out");
}

TEST(CompletionTest, BashOffersCommandsAndOptions) {
  EXPECT_EQ(BashOffers("m2tts s", 1), "say status\n");
  EXPECT_EQ(BashOffers("m2tts train sub", 2), "submit\n");
  EXPECT_EQ(BashOffers("m2tts say --sp", 2), "--speaker --speed\n");
  EXPECT_EQ(BashOffers("m2tts --json voices --la", 3), "--language\n");
  EXPECT_EQ(BashOffers("m2tts say --encoding f", 3), "flac f32\n");
  EXPECT_EQ(BashOffers("m2tts completion z", 2), "zsh\n");
  EXPECT_EQ(BashOffers("m2tts voices res", 2), "rescan\n");
  EXPECT_EQ(BashOffers("m2tts log-level w", 2), "warning\n");
  EXPECT_EQ(BashOffers("m2tts analyze --stage p", 3), "phonemes\n");
  EXPECT_EQ(BashOffers("m2tts say --date-order d", 3), "day-first\n");
}

TEST(CompletionTest, ZshScriptLoadsTheBashOne) {
  const auto zsh = RunM2tts({"completion", "zsh"});
  EXPECT_EQ(zsh.code, kExitOk);
  EXPECT_NE(zsh.out.find("bashcompinit"), std::string::npos);
  EXPECT_NE(zsh.out.find("complete -F _m2tts m2tts"), std::string::npos);
}

TEST(CompletionTest, FishKnowsCommandsAndOptions) {
  const auto fish = RunM2tts({"completion", "fish"});
  EXPECT_EQ(fish.code, kExitOk);
  EXPECT_NE(fish.out.find("-n __fish_use_subcommand -a say\n"), std::string::npos) << fish.out;
  EXPECT_NE(fish.out.find("seen_subcommand_from say' -l output -s o -r -F\n"), std::string::npos) << fish.out;
  EXPECT_NE(fish.out.find("complete -c m2tts -l json\n"), std::string::npos) << fish.out;
}

TEST(CompletionTest, UnknownShellIsAWrongCommandLine) {
  EXPECT_EQ(RunM2tts({"completion", "tcsh"}).code, kExitUsage);
  EXPECT_EQ(RunM2tts({"completion"}).code, kExitUsage);
}

}  // namespace
}  // namespace m2tts
