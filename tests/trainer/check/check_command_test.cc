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

TEST_F(CheckCommandTest, ExitsWithTwoForWrongUsageOrNoCorpus) {
  EXPECT_EQ(Run({}).exit_code, 2);
  EXPECT_EQ(Run({root_.string(), "--jobs", "-1"}).exit_code, 2);
  const ProcessResult result = Run({root_.string()});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("no corpus"));
}

}  // namespace
}  // namespace m2tts
