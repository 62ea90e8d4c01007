// `compress` with recordings of several speakers.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/trainer/cli/trainer_command.h"

namespace m2tts {
namespace {

using ::testing::HasSubstr;

class CompressCommandTest : public TrainerCommandTest {
 protected:
  static nlohmann::json Compress(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "compress");
    arguments.insert(arguments.end(), "--json");
    const ProcessResult result = Run(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return nlohmann::json::parse(result.out, nullptr, false);
  }
};

TEST_F(CompressCommandTest, TakesTheClipsOfWhoSpeaks) {
  PutTable();
  const std::string voice = Shipped("en_US-multi");
  EXPECT_EQ(Compress({voice, "-o", Path("small/"), "--data", Path("table")})["sentence_count"], 2);
  const auto rms = Compress({voice, "-o", Path("small"), "--data", Path("table"), "--speaker", "rms"});
  EXPECT_EQ(rms["sentence_count"], 2);
  EXPECT_TRUE(rms["after"].contains("mcd_db"));
  // Whom the voice knows, and the corpus does not.
  const ProcessResult nobody =
      Run({"compress", voice, "-o", Path("none"), "--data", Path("table"), "--speaker", "lj"});
  EXPECT_EQ(nobody.exit_code, 2);
  EXPECT_THAT(nobody.err, HasSubstr("no clip of the speaker 'lj'"));
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "none"));
}

}  // namespace
}  // namespace m2tts
