// Which voices, whose clips and what words `eval` compares.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/trainer/cli/trainer_command.h"
#include "tests/trainer/corpus/fake_programs.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class EvalCommandTest : public TrainerCommandTest {
 protected:
  static nlohmann::json Eval(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "eval");
    arguments.insert(arguments.end(), "--json");
    const ProcessResult result = Run(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return nlohmann::json::parse(result.out, nullptr, false);
  }
  static std::vector<std::string> Names(const nlohmann::json& report) {
    std::vector<std::string> names;
    for (const auto& system : report["systems"]) names.push_back(system["name"]);
    return names;
  }
  // One clip of the LJSpeech layout, which names no speaker.
  void PutClip(const std::string& text) const {
    PutTone("corpus/wavs/a.wav");
    Put("corpus/metadata.csv", "a|" + text + "\n");
  }
};

TEST_F(EvalCommandTest, ASlashAtTheEndIsNoOtherName) {
  PutClip("Hello there.");
  fs::copy(Shipped("en_US-slt"), folder_.path() / "en_US-slt", fs::copy_options::recursive);
  const auto one = Eval({Shipped("en_US-slt") + "/", "--data", Path("corpus"), "--no-wer"});
  EXPECT_THAT(Names(one), ElementsAre("en_US-slt copy-synthesis", "en_US-slt"));
  const auto two =
      Eval({Shipped("en_US-slt") + "/", Path("en_US-slt/"), "--data", Path("corpus"), "--no-wer"});
  EXPECT_THAT(Names(two), ElementsAre(Shipped("en_US-slt") + " copy-synthesis", Shipped("en_US-slt"),
                                      Path("en_US-slt") + " copy-synthesis", Path("en_US-slt")));
  EXPECT_EQ(two["sentences"][0]["systems"].size(), 4u);
  const ProcessResult twice =
      Run({"eval", Path("en_US-slt"), Path("en_US-slt/"), "--data", Path("corpus"), "--no-wer"});
  EXPECT_EQ(twice.exit_code, 2);
  EXPECT_THAT(twice.err, HasSubstr("give each voice once"));
}

TEST_F(EvalCommandTest, SpeakersAreNotMixed) {
  PutTable();
  const auto first = Eval({Shipped("en_US-multi"), "--data", Path("table"), "--no-wer"});
  EXPECT_EQ(first["sentence_count"], 2);
  EXPECT_THAT(Names(first)[1], "en_US-multi/slt");
  // As another voice whose first speaker is another one.
  fs::create_directory(folder_.path() / "other");
  fs::copy(Shipped("en_US-multi") + "/model.safetensors", folder_.path() / "other");
  const auto text = ReadFile(Shipped("en_US-multi") + "/voice.json");
  ASSERT_TRUE(text.ok()) << text.status();
  auto manifest = nlohmann::ordered_json::parse(*text);
  manifest["name"] = "other";
  std::swap(manifest["speakers"][0], manifest["speakers"][1]);
  Put("other/voice.json", manifest.dump(2));
  const std::vector<std::string> both = {Shipped("en_US-multi"), Path("other"), "--no-wer", "--data"};
  auto mixed = both;
  mixed.insert(mixed.begin(), "eval");
  mixed.push_back(Path("table"));
  const ProcessResult refused = Run(mixed);
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("--speaker: the voices would speak as rms and slt"));
  auto chosen = both;
  chosen.insert(chosen.end(), {Path("table"), "--speaker", "rms"});
  const auto rms = Eval(chosen);
  EXPECT_EQ(rms["sentence_count"], 2);
  EXPECT_THAT(Names(rms)[3], "other/rms");
  // Clips that name nobody are anybody's.
  PutClip("Hello there.");
  auto nobodys = both;
  nobodys.push_back(Path("corpus"));
  EXPECT_EQ(Eval(nobodys)["sentence_count"], 1);
}

TEST_F(EvalCommandTest, WordsAreComparedAsTheyAreSpoken) {
  FakePrograms fakes;
  PutClip("In 1999 Mr. Smith joined the FBI.");
  const auto recognizer = fakes.Install("recognizer", R"(case $1 in
      */000000.wav) echo 'in nineteen ninety nine mister smith joined the f. b. i.';;
      */000001.wav) echo 'In 1999, Mr. Smith joined the FBI.';;
      *) echo 'in nineteen ninety nine mister smith joined the f. b. eye';; esac)");
  const auto report =
      Eval({Shipped("en_US-slt"), "--data", Path("corpus"), "--recognizer", recognizer.string() + " {wav}"});
  EXPECT_EQ(report["recordings"]["word_errors"]["errors"], 0);
  EXPECT_EQ(report["recordings"]["word_errors"]["words"], 11);
  EXPECT_EQ(report["systems"][0]["word_errors"]["errors"], 0);
  EXPECT_EQ(report["systems"][1]["word_errors"]["errors"], 1);
}

}  // namespace
}  // namespace m2tts
