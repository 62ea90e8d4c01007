#include "core/text/lexicon.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "core/base/sha256.h"
#include "core/text/lexicon_compiler.h"
#include "tests/core/text/text_test_util.h"

namespace m2tts {
namespace {

using ::testing::HasSubstr;

class LexiconTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* const info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(::testing::TempDir()) / (std::string("lexicon_") + info->name());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  StatusOr<std::unique_ptr<const Lexicon>> OpenBytes(const std::string& bytes) {
    const auto path = folder_ / "test.lex";
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
    return Lexicon::Open(path);
  }

  static std::string Compile(const std::string& text) {
    return CompileLexicon(ParseDictionary(text, "test").value()).value();
  }

  std::filesystem::path folder_;
};

std::string Spell(const LexiconEntry& entry, int variant) {
  Pronunciation p;
  entry.Append(variant, &p);
  return Spell(p);
}

constexpr char kSmall[] =
    ";;; comment\n"
    "hello HH AH0 L OW1\n"
    "hello(2) HH EH0 L OW1 # variant\n"
    "\n"
    "o'clock AH0 K L AA1 K\r\n"
    "World W ER1 L D";

TEST_F(LexiconTest, RoundTrip) {
  auto lexicon = OpenBytes(Compile(kSmall));
  ASSERT_TRUE(lexicon.ok()) << lexicon.status();
  EXPECT_EQ((*lexicon)->size(), 3u);
  const auto hello = (*lexicon)->Find("hello");
  ASSERT_TRUE(hello);
  ASSERT_EQ(hello->variants(), 2);
  EXPECT_EQ(Spell(*hello, 0), "HH AH0 L OW1");
  EXPECT_EQ(Spell(*hello, 1), "HH EH0 L OW1");
  EXPECT_TRUE((*lexicon)->Contains("world"));
  EXPECT_TRUE((*lexicon)->Contains("o'clock"));
  EXPECT_FALSE((*lexicon)->Contains("hell"));
  EXPECT_FALSE((*lexicon)->Contains(""));
}

TEST_F(LexiconTest, BuiltLexiconHasTheWholeDictionary) {
  EXPECT_GT(BuiltLexicon().size(), 120000u);
  EXPECT_EQ(Spell(*BuiltLexicon().Find("abbots"
                                       "town"),
                  0),
            "AE1 B AH0 T S T AW1 N");
}

TEST_F(LexiconTest, BuiltLexiconHasTheSupplement) {
  EXPECT_EQ(Spell(*BuiltLexicon().Find("emoji"), 0), "IH0 M OW1 JH IY0");
  // Marks tell it from "resume".
  EXPECT_EQ(Spell(*BuiltLexicon().Find("résumé"), 0), "R EH1 Z AH0 M EY2");
}

TEST_F(LexiconTest, ParserNamesTheLine) {
  const std::pair<const char*, const char*> cases[] = {
      {"a AH0\nb\n", "d:2: word without phonemes"},
      {"a AH0\nb QQ\n", "d:2: unknown phoneme 'QQ'"},
      {"a AH\n", "d:1: vowel 'AH' lacks"},
      {"a(2) AH0\n", "d:1: 'a' is variant 2"},
      {"a AH0\na AH0\n", "d:2: 'a' is variant 1"},
      {"a(x) AH0\n", "d:1: malformed word"},
      {"a(99999999999) AH0\n", "d:1: malformed word"},
      {"a) AH0\n", "d:1: malformed word"},
      {"(2) AH0\n", "d:1: malformed word"},
      {" AH0\n", "d:1: malformed word"},
  };
  for (const auto& [text, message] : cases) {
    const auto parsed = ParseDictionary(text, "d");
    EXPECT_EQ(parsed.status().code(), StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(parsed.status().message()), HasSubstr(message)) << text;
  }
}

TEST_F(LexiconTest, CompilerRefusesWhatTheFormatCannotHold) {
  const Pronunciation p = ParseArpabet("AH0").value();
  EXPECT_FALSE(CompileLexicon({{std::string(256, 'a'), {p}}}).ok());
  EXPECT_FALSE(CompileLexicon({{"a", {}}}).ok());
  EXPECT_FALSE(CompileLexicon({{"a", {Pronunciation(256, p[0])}}}).ok());
  EXPECT_FALSE(CompileLexicon({{"a", {p}}, {"a", {p}}}).ok());
}

TEST_F(LexiconTest, RefusesEveryTruncation) {
  const std::string good = Compile(kSmall);
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(OpenBytes(good.substr(0, size)).ok()) << size;
  }
  EXPECT_EQ(OpenBytes(good + "x").status().code(), StatusCode::kDataLoss);
}

TEST_F(LexiconTest, RefusesEveryFlippedByte) {
  const std::string good = Compile(kSmall);
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x41);
    EXPECT_EQ(OpenBytes(bad).status().code(), StatusCode::kDataLoss) << i;
  }
}

// A hostile file may carry a right checksum: no damaged entry may get past the loader.
TEST_F(LexiconTest, FlippedBytesWithARightChecksumNeverCrash) {
  const std::string good = Compile(kSmall);
  for (size_t i = 16; i < good.size(); ++i) {
    for (const int flip : {0x01, 0x80, 0xff}) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ flip);
      bad.replace(32, 64, Sha256Hex(bad.substr(96)));
      auto lexicon = OpenBytes(bad);
      if (!lexicon.ok()) {
        EXPECT_EQ(lexicon.status().code(), StatusCode::kDataLoss);
        continue;
      }
      for (const char* word : {"hello", "world", "o'clock", "absent"}) {
        if (const auto entry = (*lexicon)->Find(word)) {
          for (int v = 0; v < entry->variants(); ++v) Spell(*entry, v);
        }
      }
    }
  }
}

}  // namespace
}  // namespace m2tts
