#include "server/security/authorizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "core/base/sha256.h"
#include "server/security/request_id.h"

namespace m2tts {
namespace {

using testing::HasSubstr;

constexpr char kPeer[] = "192.0.2.7";

std::shared_ptr<const TokenFile> Tokens() {
  const auto file = TokenFile::Parse(
      "reader:synthesize:" + Sha256Hex("reader-token") + "\nroot:admin:" + Sha256Hex("root-token"), "tokens");
  EXPECT_TRUE(file.ok());
  return *file;
}

TEST(AuthorizerTest, WithoutTokensEverybodyMayDoEverything) {
  const Authorizer authorizer;
  Caller caller;
  EXPECT_TRUE(authorizer.Authorize("", kPeer, Role::kAdmin, &caller).ok());
  EXPECT_EQ(caller.name, "192.0.2.7");
  EXPECT_TRUE(caller.roles.admin);
  EXPECT_TRUE(authorizer.Authorize("Bearer whatever", kPeer, Role::kTrain, &caller).ok());
  EXPECT_EQ(caller.name, "192.0.2.7");
}

TEST(AuthorizerTest, TheTokenDecides) {
  const Authorizer authorizer(Tokens());
  Caller caller;
  for (const char* header : {"Bearer reader-token", "bearer reader-token", "BEARER   reader-token"}) {
    EXPECT_TRUE(authorizer.Authorize(header, kPeer, Role::kSynthesize, &caller).ok()) << header;
    EXPECT_EQ(caller.name, "reader");
  }
  EXPECT_TRUE(authorizer.Authorize("Bearer root-token", kPeer, Role::kAny, &caller).ok());
  const Status denied = authorizer.Authorize("Bearer reader-token", kPeer, Role::kAdmin, &caller);
  EXPECT_EQ(denied.code(), StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(denied.message()), HasSubstr("'reader' lacks the role 'admin'"));
  EXPECT_EQ(caller.name, "reader");
}

TEST(AuthorizerTest, NoOrAnUnknownTokenIsUnauthenticated) {
  const Authorizer authorizer(Tokens());
  for (const char* header : {"", "Bearer", "Bearer ", "Bearer    ", "Bearer wrong-token", "reader-token",
                             "Basic reader-token", "Bearer reader-token ", "Bearer reader-tokenBearer"}) {
    Caller caller;
    const Status status = authorizer.Authorize(header, kPeer, Role::kAny, &caller);
    EXPECT_EQ(status.code(), StatusCode::kUnauthenticated) << header;
    EXPECT_EQ(caller.name, "192.0.2.7");
    EXPECT_FALSE(caller.roles.Has(Role::kAny));
    EXPECT_EQ(std::string(status.message()).find("wrong-token"), std::string::npos);
  }
}

TEST(AuthorizerTest, NewTokensCountAtOnce) {
  Authorizer authorizer(Tokens());
  const auto other = TokenFile::Parse("new:synthesize:" + Sha256Hex("new-token"), "tokens");
  ASSERT_TRUE(other.ok());
  authorizer.SetTokens(*other);
  Caller caller;
  EXPECT_TRUE(authorizer.Authorize("Bearer new-token", kPeer, Role::kSynthesize, &caller).ok());
  EXPECT_FALSE(authorizer.Authorize("Bearer reader-token", kPeer, Role::kSynthesize, &caller).ok());
}

TEST(ClientOfPeerTest, LeavesOutWhatDiffersPerConnection) {
  EXPECT_EQ(ClientOfPeer("ipv4:192.0.2.7:50312"), "192.0.2.7");
  EXPECT_EQ(ClientOfPeer("ipv6:%5B2001:db8::1%5D:50312"), "2001:db8::1");
  EXPECT_EQ(ClientOfPeer("ipv6:[::1]:50312"), "::1");
  EXPECT_EQ(ClientOfPeer("unix:"), "unix");
  EXPECT_EQ(ClientOfPeer("unix:/run/m2ttsd.sock"), "unix");
  for (const char* odd : {"", ":", "ipv4:", "ipv6:%5B", "x"}) EXPECT_EQ(ClientOfPeer(odd), "unknown") << odd;
}

TEST(RequestIdTest, TakesGoodOnesAndReplacesOthers) {
  for (const std::string& good : {std::string("a"), std::string("Trace-1_2.3"), std::string(64, 'x')}) {
    EXPECT_EQ(RequestIdOrNew(good), good);
  }
  for (const std::string& bad :
       {std::string(), std::string(65, 'x'), std::string("a b"), std::string("a\nINFO forged line"),
        std::string("a\0b", 3), std::string("n\xc3\xa4me"), std::string("a/b"), std::string("\x1b[31m")}) {
    EXPECT_TRUE(IsValidRequestId(RequestIdOrNew(bad)));
    EXPECT_NE(RequestIdOrNew(bad), bad);
  }
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(NewRequestId());
  EXPECT_EQ(ids.size(), 1000u);
}

}  // namespace
}  // namespace m2tts
