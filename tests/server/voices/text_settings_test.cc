// What server, voice and request say about reading text, and lexicons that change on disk.
#include "server/voices/text_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "server/voices/voice.h"

namespace m2tts {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

class TextSettingsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "m2tts-test-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path Write(const std::string& name, const std::string& content) const {
    std::ofstream(folder_ / name, std::ios::binary) << content;
    return folder_ / name;
  }

  std::filesystem::path folder_;
  std::chrono::steady_clock::time_point now_{1h};
};

std::string Word(const std::shared_ptr<const UserLexicon>& lexicon, const std::string& word) {
  std::string phonemes;
  const UserLexicon::Entry* const entry = lexicon == nullptr ? nullptr : lexicon->Find(word, WordRole::kAny);
  if (entry == nullptr) return "-";
  for (const StressedPhoneme phoneme : entry->phonemes) AppendArpabet(phoneme, &phonemes);
  return phonemes;
}

TEST_F(TextSettingsTest, ChangedFileIsReadAgainOnceASecondAtMost) {
  const auto path = Write("words.txt", "zorb Z\n");
  LexiconFile file(path, LexiconFile::Presence::kRequired, [this] { return now_; });
  ASSERT_TRUE(file.Load().ok());
  EXPECT_EQ(Word(file.Current(), "zorb"), "Z");
  Write("words.txt", "zorb B D\n");
  EXPECT_EQ(Word(file.Current(), "zorb"), "Z") << "not looked at again yet";
  now_ += 1s;
  EXPECT_EQ(Word(file.Current(), "zorb"), "BD");
  EXPECT_EQ(file.failures(), 0);
}

TEST_F(TextSettingsTest, BadOrLostFileKeepsTheOldWords) {
  const auto path = Write("words.txt", "zorb Z\n");
  LexiconFile file(path, LexiconFile::Presence::kRequired, [this] { return now_; });
  ASSERT_TRUE(file.Load().ok());
  Write("words.txt", "zorb Z\nbad\n");
  now_ += 1s;
  EXPECT_EQ(Word(file.Current(), "zorb"), "Z");
  EXPECT_EQ(file.failures(), 1);
  now_ += 1s;
  EXPECT_EQ(Word(file.Current(), "zorb"), "Z");
  EXPECT_EQ(file.failures(), 1) << "the same bad file is not read again";
  std::filesystem::remove(path);
  now_ += 1s;
  EXPECT_EQ(Word(file.Current(), "zorb"), "Z");
  EXPECT_EQ(file.failures(), 2);
  Write("words.txt", "zorb B D\n");
  now_ += 1s;
  EXPECT_EQ(Word(file.Current(), "zorb"), "BD");
}

TEST_F(TextSettingsTest, OptionalFileMayComeAndGo) {
  LexiconFile file(folder_ / "lexicon.txt", LexiconFile::Presence::kOptional, [this] { return now_; });
  ASSERT_TRUE(file.Load().ok());
  EXPECT_EQ(file.Current(), nullptr);
  Write("lexicon.txt", "zorb Z\n");
  now_ += 1s;
  EXPECT_EQ(Word(file.Current(), "zorb"), "Z");
  std::filesystem::remove(folder_ / "lexicon.txt");
  now_ += 1s;
  EXPECT_EQ(file.Current(), nullptr);
  EXPECT_EQ(file.failures(), 0);
}

TEST_F(TextSettingsTest, RefreshReadsWhatIsGoodAndTellsWhatIsBadAsLongAsItIs) {
  const auto settings =
      TextSettings::ForServer({}, {Write("a.txt", "zorb Z\n"), Write("b.txt", "zorb D\n")}).value();
  std::vector<std::string> changed;
  EXPECT_TRUE(settings.Refresh(&changed).empty());
  Write("a.txt", "zorb Z\nbad\n");
  const auto b = Write("b.txt", "zorb B D\n");
  auto bad = settings.Refresh(&changed);
  ASSERT_EQ(bad.size(), 1U);
  EXPECT_THAT(bad[0].first, HasSubstr("a.txt"));
  EXPECT_THAT(std::string(bad[0].second.message()), HasSubstr("a.txt:2"));
  EXPECT_THAT(changed, testing::ElementsAre(b.string())) << "the other one is read";
  EXPECT_EQ(Word(settings.lexicons[0]->Current(), "zorb"), "Z") << "the old words stay";
  EXPECT_EQ(Word(settings.lexicons[1]->Current(), "zorb"), "BD");
  EXPECT_EQ(settings.Refresh(&changed).size(), 1U) << "it is still bad";
  EXPECT_EQ(settings.failures(), 1) << "and was read once";
  Write("a.txt", "zorb B\n");
  EXPECT_TRUE(settings.Refresh(&changed).empty());
  EXPECT_EQ(Word(settings.lexicons[0]->Current(), "zorb"), "B");
}

TEST_F(TextSettingsTest, ServerWantsAllItsFiles) {
  const auto good = Write("good.txt", "zorb Z\n");
  EXPECT_TRUE(TextSettings::ForServer({}, {good}).ok());
  const auto missing = TextSettings::ForServer({}, {good, folder_ / "missing.txt"});
  EXPECT_THAT(std::string(missing.status().message()), HasSubstr("missing.txt"));
  const auto bad = TextSettings::ForServer({}, {Write("bad.txt", "\nx QQ\n")});
  EXPECT_THAT(std::string(bad.status().message()), HasSubstr("bad.txt:2: unknown phoneme 'QQ'"));
}

TEST_F(TextSettingsTest, VoiceHasItsOwnStyleAndWords) {
  TextStyle server;
  server.say_and = true;
  const auto plain = TextSettings::ForVoice(folder_, server, false);
  ASSERT_TRUE(plain.ok()) << plain.status();
  EXPECT_TRUE(plain->style.say_and);
  Write("text.yaml", "date_order: day_first\n");
  Write("lexicon.txt", "bad\n");
  const auto own = TextSettings::ForVoice(folder_, server, false);
  ASSERT_TRUE(own.ok()) << "a bad lexicon does not take the voice away: " << own.status();
  EXPECT_TRUE(own->style.say_and) << "what it leaves open is as the server says";
  EXPECT_EQ(own->style.date_order, TextStyle::DateOrder::kDayFirst);
  EXPECT_EQ(own->failures(), 1);
  Write("text.yaml", "date_ordre: day_first\n");
  EXPECT_THAT(std::string(TextSettings::ForVoice(folder_, server, false).status().message()),
              HasSubstr("date_ordre"));
}

TEST_F(TextSettingsTest, PhraseBreaksAreTheVoices) {
  TextStyle server;
  server.phrase_breaks = true;
  EXPECT_FALSE(TextSettings::ForVoice(folder_, server, false)->style.phrase_breaks);
  EXPECT_TRUE(TextSettings::ForVoice(folder_, server, true)->style.phrase_breaks);
  Write("text.yaml", "phrase_breaks: false\n");
  EXPECT_FALSE(TextSettings::ForVoice(folder_, server, true)->style.phrase_breaks);
  Voice voice;
  voice.text.style.phrase_breaks = true;
  EXPECT_TRUE(ReadOptionsFor({}, voice, {}, 100)->style.phrase_breaks);
}

TEST_F(TextSettingsTest, RequestComesBeforeVoiceBeforeServer) {
  const auto server = TextSettings::ForServer({}, {Write("server.txt", "a Z\nb Z\nc Z\n")}).value();
  Write("lexicon.txt", "a D\nb D\n");
  Voice voice;
  voice.text = TextSettings::ForVoice(folder_, {}, false).value();
  v1::TextOptions options;
  options.set_lexicon("a B\n");
  const auto read = ReadOptionsFor(options, voice, server, 100);
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->user.size(), 3U);
  EXPECT_EQ(Word(read->user[0], "a"), "B");
  EXPECT_EQ(Word(read->user[1], "b"), "D");
  EXPECT_EQ(Word(read->user[2], "c"), "Z");
}

}  // namespace
}  // namespace m2tts
