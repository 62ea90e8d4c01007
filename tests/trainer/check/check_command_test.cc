// The program itself: exit codes, and what goes where.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/trainer/check/check_corpus_fixture.h"
#include "trainer/corpus/process.h"

namespace m2tts {
namespace {

using testing::HasSubstr;

class CheckCommandTest : public CheckCorpusFixture {
 protected:
  ProcessResult Run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {M2TTS_BINARY_DIR "/trainer/m2tts-trainer", "check"});
    const auto result = RunProcess(arguments, {});
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *result : ProcessResult();
  }
};

TEST_F(CheckCommandTest, ExitsWithZeroForADummyCorpus) {
  ASSERT_TRUE(WriteDummyCorpus(root_, 12, 22050).ok());
  const ProcessResult result = Run({root_.string()});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("12 clips"));
  EXPECT_EQ(result.err, "");  // no progress outside a terminal
}

TEST_F(CheckCommandTest, ExitsWithOneForProblemsAndKeepsJsonClean) {
  PutGoodClips();
  metadata_ += "missing|text\n";
  WriteMetadata();
  const ProcessResult result = Run({root_.string(), "--json", "--jobs", "1"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(nlohmann::json::parse(result.out)["problems"], 1);
  EXPECT_THAT(result.err, HasSubstr("problems found: 1"));
}

TEST_F(CheckCommandTest, TheLimitsOfAConfigCanBeGiven) {
  PutGoodClips();  // of two to three seconds
  WriteMetadata();
  const auto counts = [this](const std::vector<std::string>& limits) {
    std::vector<std::string> arguments = {root_.string(), "--json"};
    arguments.insert(arguments.end(), limits.begin(), limits.end());
    const auto json = nlohmann::json::parse(Run(arguments).out);
    return std::make_pair(json["counts"]["too_short"].get<int>(), json["counts"]["too_long"].get<int>());
  };
  EXPECT_EQ(counts({}), std::make_pair(0, 0));
  EXPECT_EQ(counts({"--max-seconds", "1.5"}), std::make_pair(0, 12));
  EXPECT_EQ(counts({"--min-seconds", "5"}), std::make_pair(12, 0));
  EXPECT_EQ(Run({root_.string(), "--max-seconds", "61"}).exit_code, 2);
}

TEST_F(CheckCommandTest, ExitsWithTwoForWrongUsageOrNoCorpus) {
  EXPECT_EQ(Run({}).exit_code, 2);
  EXPECT_EQ(Run({root_.string(), "--jobs", "-1"}).exit_code, 2);
  const ProcessResult result = Run({root_.string()});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("no corpus"));
}

}  // namespace
}  // namespace m2tts
