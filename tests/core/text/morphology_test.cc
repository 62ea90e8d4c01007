#include "core/text/morphology.h"

#include <filesystem>
#include <map>

#include "core/base/file.h"
#include "core/base/fnv1a.h"
#include "core/text/lexicon_compiler.h"
#include "tests/core/text/text_test_util.h"

namespace m2tts {
namespace {

std::string Parts(std::string_view word) {
  const auto p = PronounceByParts(word, BuiltLexicon());
  return p ? Spell(*p) : "none";
}

std::string WithoutStress(const Pronunciation& p) {
  std::string out;
  for (const StressedPhoneme phoneme : p) {
    AppendArpabet(phoneme, &out);
    out += ' ';
  }
  out.erase(std::remove_if(out.begin(), out.end(), [](char c) { return c >= '0' && c <= '9'; }), out.end());
  return out;
}

struct Count {
  int tried = 0;
  int right = 0;
};

// A twentieth of the dictionary's words, taken out of it, and built again from the rest.
class HeldOutTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string path = std::string(M2TTS_SOURCE_DIR) + "/voices/lexicon/cmudict.dict";
    std::vector<DictionaryEntry> kept;
    const std::string text = ReadFile(path).value();
    std::vector<DictionaryEntry> entries = ParseDictionary(text, path).value();
    for (DictionaryEntry& entry : entries) {
      (Fnv1a64(entry.word) % 20 == 0 ? held_out_ : kept).push_back(std::move(entry));
    }
    const auto file = std::filesystem::path(::testing::TempDir()) / "held_out.lex";
    ASSERT_TRUE(WriteFileAtomic(file, CompileLexicon(kept).value()).ok());
    lexicon_ = Lexicon::Open(file).value();
    std::filesystem::remove(file);
  }

  std::vector<DictionaryEntry> held_out_;
  std::unique_ptr<const Lexicon> lexicon_;
};

TEST(MorphologyTest, BuildsFromKnownParts) {
  EXPECT_EQ(Parts("helloes"), "HH AH0 L OW1 Z");
  EXPECT_EQ(Parts("rebooked"), "R IY0 B UH1 K T");
  EXPECT_EQ(Parts("bananaphone's"), "B AH0 N AE1 N AH0 F OW2 N Z");
  EXPECT_EQ(Parts("zxqv"), "none");
  EXPECT_EQ(Parts("unfriended"), "AH0 N F R EH1 N D IH0 D");
  EXPECT_EQ(Parts("jones's"), "JH OW1 N Z IH0 Z");
  EXPECT_EQ(Parts("bosses'"), "B AO1 S IH0 Z");
  EXPECT_EQ(Parts("blastin'"), "B L AE1 S T IH0 N");
  EXPECT_EQ(Parts("doctor'll"), "D AA1 K T ER0 L");
  EXPECT_EQ(Parts("nooo"), "N OW1");
  EXPECT_EQ(Parts("soooooo"), "S OW1");
  EXPECT_EQ(Parts("anaesthetic"), "AE2 N AH0 S TH EH1 T IH0 K");
  EXPECT_EQ(Parts("bookstore"), "B UH1 K S T AO2 R");
}

// Words that only look like two.
TEST(MorphologyTest, DoesNotSplitWhatOnlyLooksSplit) {
  EXPECT_NE(Parts("father"), "F AE1 T HH ER2");
  EXPECT_NE(Parts("pinafore"), "P IH1 N AH0 F AO2 R");
  EXPECT_NE(Parts("universe"), "AH0 N IH1 V ER0 S");
}

TEST(MorphologyTest, SurvivesAnyWord) {
  for (const char* word :
       {"",    "a",         "'",   "'s",    "s'",  "in'",          "ed", "eded", "ing", "-",       "--",
        "un-", "re-re-re-", "'ll", "ooooo", "sss", "\xff\xfe\xfd", "nt", "ves",  "mc",  "mcmcmcmc"}) {
    const auto p = PronounceByParts(word, BuiltLexicon());
    EXPECT_TRUE(!p || !p->empty()) << word;
  }
  PronounceByParts(std::string(4000, 's'), BuiltLexicon());
  PronounceByParts(std::string(4000, 'o') + "ing", BuiltLexicon());
}

// Stress aside, any variant counts. The floor is what a trained guess reaches on such words.
TEST_F(HeldOutTest, PartsAreSurerThanAGuess) {
  constexpr int kGuess = 78;        // percent
  constexpr int kEnoughTries = 50;  // below, a rule's share is chance
  std::map<std::string, Count> counts;
  Count all;
  for (const DictionaryEntry& entry : held_out_) {
    std::string_view rule;
    const auto built = PronounceByParts(entry.word, *lexicon_, &rule);
    if (!built) continue;
    const std::string sounds = WithoutStress(*built);
    const bool right = std::any_of(entry.variants.begin(), entry.variants.end(),
                                   [&](const Pronunciation& v) { return WithoutStress(v) == sounds; });
    for (Count* count : {&counts[std::string(rule)], &all}) {
      ++count->tried;
      count->right += right ? 1 : 0;
    }
  }
  for (const auto& [rule, count] : counts) {
    const std::string share = std::to_string(count.right) + "/" + std::to_string(count.tried);
    std::cout << rule << " " << share << "\n";
    EXPECT_TRUE(count.tried < kEnoughTries || count.right * 100 >= kGuess * count.tried)
        << rule << " " << share;
  }
  std::cout << "all " << all.right << "/" << all.tried << " of " << held_out_.size() << "\n";
  EXPECT_GE(all.right * 100, 90 * all.tried);
  EXPECT_GE(all.tried * 100, 25 * static_cast<int>(held_out_.size()));
}

}  // namespace
}  // namespace m2tts
