#include "trainer/corpus/speech_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/trainer/corpus/fake_programs.h"

namespace m2tts {
namespace {

using ::testing::HasSubstr;

TEST(SpeechEngineTest, SchemeStringsAreEscaped) {
  EXPECT_EQ(SchemeString("plain"), "\"plain\"");
  EXPECT_EQ(SchemeString("\") (system \"rm\\"), "\"\\\") (system \\\"rm\\\\\"");
}

TEST(SpeechEngineTest, FestivalScriptReadsEachSentence) {
  const ListedSentence sentence{"a", "Say \"hi\"."};
  EXPECT_EQ(FestivalScript("slt", {{&sentence, "/tmp/a.wav"}}),
            "(voice_slt)\n"
            "(unwind-protect (let ((utt (utt.synth (Utterance Text \"Say \\\"hi\\\".\"))))"
            " (utt.save.segs utt \"/tmp/a.lab\") (utt.save.wave utt \"/tmp/a.wav\" 'riff)) nil)\n");
}

TEST(SpeechEngineTest, RefusesUnknownEngineAndHostileVoice) {
  EXPECT_EQ(SpeechEngine::Create("espeak", "").status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(SpeechEngine::Create("festival", "x) (exit").status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(SpeechEngine::Create("flite", "../slt").status().code(), StatusCode::kInvalidArgument);
}

TEST(SpeechEngineTest, MissingProgramSaysWhatToInstall) {
  FakePrograms fakes;
  setenv("PATH", fakes.dir().c_str(), 1);
  const auto engine = SpeechEngine::Create("festival", "");
  EXPECT_EQ(engine.status().code(), StatusCode::kNotFound);
  EXPECT_THAT(std::string(engine.status().message()), HasSubstr("apt install festival festvox-us-slt-hts"));
}

TEST(SpeechEngineTest, MissingVoiceIsFoundOutAtOnce) {
  FakePrograms fakes;
  fakes.Install("festival", "echo 'SIOD ERROR: unbound variable : voice_nope' >&2; exit 255");
  const auto engine = SpeechEngine::Create("festival", "nope");
  EXPECT_EQ(engine.status().code(), StatusCode::kNotFound);
  EXPECT_THAT(std::string(engine.status().message()), HasSubstr("unbound variable : voice_nope"));

  fakes.InstallFlite();
  EXPECT_TRUE(SpeechEngine::Create("flite", "slt").ok());
  const auto flite = SpeechEngine::Create("flite", "nope");
  EXPECT_EQ(flite.status().code(), StatusCode::kNotFound);
  EXPECT_THAT(std::string(flite.status().message()), HasSubstr("Voices available: slt rms"));
}

TEST(SpeechEngineTest, FestivalGetsItsScriptAsAFile) {
  FakePrograms fakes;
  fakes.InstallFestival();
  const auto engine = SpeechEngine::Create("festival", "");
  ASSERT_TRUE(engine.ok()) << engine.status();
  EXPECT_TRUE((*engine)->writes_labels());
  EXPECT_EQ((*engine)->name(), "festival:cmu_us_slt_arctic_hts");
  const ListedSentence a{"a", "One."};
  const ListedSentence b{"b", "Two."};
  ASSERT_TRUE((*engine)->Speak({{&a, fakes.dir() / "a.wav"}, {&b, fakes.dir() / "b.wav"}}).ok());
  EXPECT_TRUE(std::filesystem::exists(fakes.dir() / "a.wav"));
  EXPECT_TRUE(std::filesystem::exists(fakes.dir() / "b.wav"));
  EXPECT_TRUE(std::filesystem::exists(fakes.dir() / "b.lab"));
}

}  // namespace
}  // namespace m2tts
