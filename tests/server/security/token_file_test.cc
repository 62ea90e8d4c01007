#include "server/security/token_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/base/sha256.h"
#include "server/security/hash_token.h"
#include "tests/core/base/temp_folder.h"

namespace m2tts {
namespace {

using testing::HasSubstr;

const std::string kToken = "correct-horse-battery-staple";

std::string Line(const std::string& name, const std::string& roles, const std::string& token = kToken) {
  return name + ":" + roles + ":" + Sha256Hex(token) + "\n";
}

std::string TokenFileError(const std::string& text) {
  const auto file = TokenFile::Parse(text, "tokens");
  EXPECT_EQ(file.status().code(), StatusCode::kInvalidArgument) << text;
  return std::string(file.status().message());
}

TEST(TokenFileTest, FindsTheTokenAndItsRoles) {
  const auto file = TokenFile::Parse("# who may what\n\n" + Line("reader", "synthesize") + "  \r\n" +
                                         Line("alice", "train,admin", "another-long-token") + "#",
                                     "tokens");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ((*file)->size(), 2u);
  const TokenFile::Entry* const reader = (*file)->Find(kToken);
  ASSERT_NE(reader, nullptr);
  EXPECT_EQ(reader->name, "reader");
  EXPECT_TRUE(reader->roles.Has(Role::kSynthesize));
  EXPECT_TRUE(reader->roles.Has(Role::kAny));
  EXPECT_FALSE(reader->roles.Has(Role::kTrain));
  EXPECT_FALSE(reader->roles.Has(Role::kAdmin));
  const TokenFile::Entry* const alice = (*file)->Find("another-long-token");
  ASSERT_NE(alice, nullptr);
  EXPECT_FALSE(alice->roles.Has(Role::kSynthesize)) << "no role includes another";
  EXPECT_TRUE(alice->roles.Has(Role::kAdmin));
  for (const std::string& wrong : {std::string(), kToken + "x", kToken.substr(1), std::string("reader"),
                                   Sha256Hex(kToken), std::string(1 << 20, 'x')}) {
    EXPECT_EQ((*file)->Find(wrong), nullptr) << wrong.substr(0, 80);
  }
}

TEST(TokenFileTest, ARoleCapsThePriority) {
  const auto highest = [](const std::string& roles) {
    const auto file = TokenFile::Parse(Line("reader", roles), "tokens");
    EXPECT_TRUE(file.ok()) << file.status();
    const Roles found = (*file)->Find(kToken)->roles;
    EXPECT_TRUE(found.Has(Role::kSynthesize));
    return found.highest;
  };
  EXPECT_EQ(highest("synthesize"), Priority::kInteractive);
  EXPECT_EQ(highest("train,synthesize-normal"), Priority::kNormal);
  EXPECT_EQ(highest("synthesize-bulk"), Priority::kBulk);
  EXPECT_EQ(highest("synthesize-bulk,synthesize-normal"), Priority::kNormal) << "the better of two";
  EXPECT_THAT(TokenFileError(Line("reader", "synthesize-later")),
              HasSubstr("'synthesize-later' is not a role"));
  const auto before = TokenFile::Parse(Line("reader", "synthesize"), "tokens");
  const auto after = TokenFile::Parse(Line("reader", "synthesize-bulk"), "tokens");
  EXPECT_FALSE(**before == **after) << "a reload must see it";
}

TEST(TokenFileTest, ANameMayHaveSeveralTokens) {
  const auto file = TokenFile::Parse(
      Line("reader", "synthesize") + Line("reader", "synthesize", "the-next-token"), "tokens");
  ASSERT_TRUE(file.ok());
  EXPECT_NE((*file)->Find("the-next-token"), nullptr);
  EXPECT_NE((*file)->Find(kToken), nullptr);
}

TEST(TokenFileTest, ErrorsNameTheLineAndQuoteNoToken) {
  const std::string good = Line("reader", "synthesize");
  EXPECT_THAT(TokenFileError(good + "alice\n"), HasSubstr("tokens:2: expected NAME:ROLE[,ROLE]:SHA256"));
  EXPECT_THAT(TokenFileError("\n\n:synthesize:" + Sha256Hex("x")), HasSubstr("tokens:3: '' is not a name"));
  EXPECT_THAT(TokenFileError("../x:synthesize:" + Sha256Hex("x")),
              HasSubstr("tokens:1: '../x' is not a name"));
  EXPECT_THAT(TokenFileError("bob:root:" + Sha256Hex("x")), HasSubstr("tokens:1: 'root' is not a role"));
  EXPECT_THAT(TokenFileError("bob::" + Sha256Hex("x")), HasSubstr("'' is not a role"));
  EXPECT_THAT(TokenFileError("bob:synthesize,:" + Sha256Hex("x")), HasSubstr("'' is not a role"));
  EXPECT_THAT(TokenFileError(good + Line("bob", "train")),
              HasSubstr("tokens:2: the same token as in line 1"));
  const std::string plain = TokenFileError("bob:synthesize:" + kToken + "\n");
  EXPECT_THAT(plain, HasSubstr("tokens:1: the third field of 'bob' is not a SHA-256 hash"));
  EXPECT_EQ(plain.find(kToken), std::string::npos) << "a token written by mistake is not told on";
  EXPECT_THAT(TokenFileError("bob:synthesize:" + Sha256Hex("x").substr(1)),
              HasSubstr("64 hexadecimal digits"));
  EXPECT_THAT(TokenFileError("bob:synthesize:" + Sha256Hex("x") + ":more"),
              HasSubstr("64 hexadecimal digits"));
}

TEST(TokenFileTest, HostileFiles) {
  EXPECT_THAT(TokenFileError(""), HasSubstr("there is no token in it"));
  EXPECT_THAT(TokenFileError("# only a comment\n"), HasSubstr("there is no token in it"));
  TokenFileError(std::string("\0\0\0", 3));
  TokenFileError(std::string(1 << 20, 'a'));
  TokenFileError(std::string(1 << 20, ':'));
  TokenFileError("\xff\xfe\x00");
  const std::string control = TokenFileError("b\x1b[31mob:synthesize:x\n");
  EXPECT_EQ(control.find('\x1b'), std::string::npos) << "what is quoted cannot paint the terminal";
  std::string many;
  for (int i = 0; i < 10'001; ++i) many += Line("bob", "train", std::to_string(i));
  EXPECT_THAT(TokenFileError(many), HasSubstr("tokens:10001: more than 10000 tokens"));
}

TEST(TokenFileTest, MissingFileIsAnError) {
  EXPECT_EQ(TokenFile::Load("/nonexistent/tokens").status().code(), StatusCode::kNotFound);
}

TEST(HashTokenTest, LineOfATokenFromInput) {
  std::istringstream in(kToken + "\r\nmore\n");
  const auto line = HashToken({"reader", "synthesize,train", ""}, in);
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_EQ(*line + "\n", Line("reader", "synthesize,train"));
  EXPECT_TRUE(TokenFile::Parse(*line, "tokens").ok());
}

TEST(HashTokenTest, RefusesWeakAndUnusableTokens) {
  const auto error = [](const std::string& token, const std::string& name = "bob",
                        const std::string& roles = "train") {
    std::istringstream in(token);
    const auto line = HashToken({name, roles, ""}, in);
    EXPECT_FALSE(line.ok()) << token;
    return std::string(line.status().message());
  };
  EXPECT_THAT(error(""), HasSubstr("0 characters; it needs 16"));
  EXPECT_THAT(error("short"), HasSubstr("5 characters"));
  EXPECT_THAT(error(std::string(4097, 'x')), HasSubstr("4097 characters"));
  EXPECT_THAT(error("sixteen characters"), HasSubstr("characters other than"));
  EXPECT_THAT(error("sixteen=characters"), HasSubstr("characters other than"));
  EXPECT_THAT(error(kToken, "b:ob"), HasSubstr("is not a name"));
  EXPECT_THAT(error(kToken, "bob", "king"), HasSubstr("'king' is not a role"));
}

TEST(HashTokenTest, GeneratesATokenThatOnlyItsOwnerCanRead) {
  const TempFolder folder;
  const std::string path = (folder.path() / "bob.token").string();
  std::istringstream nothing;
  const auto line = HashToken({"bob", "admin", path}, nothing);
  ASSERT_TRUE(line.ok()) << line.status();
  std::string token;
  std::getline(std::ifstream(path) >> std::ws, token);
  EXPECT_EQ(token.size(), 44u);
  EXPECT_NE((*TokenFile::Parse(*line, "tokens"))->Find(token), nullptr);
  struct stat info {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_FALSE(HashToken({"bob", "admin", path}, nothing).ok()) << "a file that exists is not overwritten";
}

}  // namespace
}  // namespace m2tts
