// Hostile model files: whatever a file holds, opening it fails with DATA_LOSS or gives a model that is safe
// to use.
#include <gmock/gmock.h>

#include <random>

#include "core/base/sha256.h"
#include "core/text/phrasing/phrase_model.h"
#include "tests/trainer/phrasing/tiny_phrases.h"

namespace m2tts {
namespace {

namespace format = phrase_format;
using ::testing::HasSubstr;

Status Parse(const std::string& bytes) {
  return PhraseModel::Parse(bytes, "a.phrasing").status();
}

// With the checksum made right again, so that the checks behind it are reached.
std::string SignedAgain(std::string bytes) {
  if (bytes.size() < format::kDigestSize) return bytes;
  bytes.resize(bytes.size() - format::kDigestSize);
  return bytes + Sha256Hex(bytes);
}

TEST(PhraseFileTest, RefusesEveryTruncation) {
  const std::string& good = TinyPhraseModel();
  ASSERT_TRUE(Parse(good).ok());
  ASSERT_EQ(SignedAgain(good), good);
  for (size_t size = 0; size < good.size(); size += size < 300 ? 1 : 13) {
    EXPECT_EQ(Parse(good.substr(0, size)).code(), StatusCode::kDataLoss) << size;
    EXPECT_EQ(Parse(SignedAgain(good.substr(0, size))).code(), StatusCode::kDataLoss) << size;
  }
  EXPECT_EQ(Parse(SignedAgain(good + "xxxx")).code(), StatusCode::kDataLoss);
}

TEST(PhraseFileTest, RefusesEveryFlippedByte) {
  const std::string& good = TinyPhraseModel();
  for (size_t i = 0; i < good.size(); i += i < 200 ? 1 : 17) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x21);
    EXPECT_EQ(Parse(bad).code(), StatusCode::kDataLoss) << i;
  }
}

TEST(PhraseFileTest, WhatIsSignedAndOpensIsSafe) {
  const std::string& good = TinyPhraseModel();
  std::mt19937 random(1);
  int opened = 0, refused = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string bytes = good;
    for (unsigned i = 0, flips = 1 + random() % 3; i < flips; ++i) {
      bytes[random() % (bytes.size() - format::kDigestSize)] = static_cast<char>(random() & 0xff);
    }
    const auto model = PhraseModel::Parse(SignedAgain(bytes), "a.phrasing");
    if (!model.ok()) {
      EXPECT_EQ(model.status().code(), StatusCode::kDataLoss);
      ++refused;
      continue;
    }
    ++opened;
    EXPECT_EQ((*model)->Breaks({{"the"}, {"man's"}, {"saw"}, {"zebra", true}, {"in"}, {"house"}}).size(), 6u);
  }
  EXPECT_GT(opened, 300);
  EXPECT_GT(refused, 300);
}

TEST(PhraseFileTest, SaysWhatIsWrong) {
  EXPECT_THAT(std::string(Parse("").message()), HasSubstr("a.phrasing: not a phrasing model"));
  std::string other = TinyPhraseModel();
  other[8] = 9;
  EXPECT_THAT(std::string(Parse(SignedAgain(other)).message()), HasSubstr("another format version"));
  other = TinyPhraseModel();
  other[40] = 'x';
  EXPECT_THAT(std::string(Parse(other).message()), HasSubstr("checksum"));
}

}  // namespace
}  // namespace m2tts
