#include "server/security/tls_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "core/base/file.h"
#include "tests/core/base/temp_folder.h"
#include "tests/server/security/certificates.h"

namespace m2tts {
namespace {

using testing::HasSubstr;

class TlsFilesTest : public testing::Test {
 protected:
  TlsFilesTest() : certificates_(folder_.path()) { certificates_.Sign("server"); }

  TlsPaths Paths(const std::string& name = "server") const {
    return {certificates_.Path(name + ".pem"), certificates_.Path(name + ".key"), {}};
  }
  std::string ErrorOf(const TlsPaths& paths) const {
    const auto material = LoadTlsMaterial(paths);
    EXPECT_FALSE(material.ok());
    return std::string(material.status().message());
  }
  void Write(const std::string& name, const std::string& content) const {
    std::ofstream(certificates_.Path(name), std::ios::binary) << content;
  }
  // Over another one, as careful programs do.
  void MoveOver(const std::string& from, const std::string& to) const {
    for (const char* type : {".pem", ".key"}) {
      std::filesystem::rename(certificates_.Path(from + type), certificates_.Path(to + type));
    }
  }

  const TempFolder folder_;
  const TestCertificates certificates_;
};

TEST_F(TlsFilesTest, ReadsAPair) {
  TlsPaths paths = Paths();
  paths.client_ca = certificates_.Path("ca.pem");
  const auto material = LoadTlsMaterial(paths);
  ASSERT_TRUE(material.ok()) << material.status();
  EXPECT_EQ((*material)->subject, "CN=server");
  EXPECT_THAT((*material)->not_after, HasSubstr("GMT"));
  const double days = std::chrono::duration<double>(std::chrono::seconds((*material)->not_after_seconds) -
                                                    std::chrono::system_clock::now().time_since_epoch())
                          .count() /
                      86400;
  EXPECT_NEAR(days, 2.0, 0.1) << "as openssl was told";
  EXPECT_THAT((*material)->client_ca, HasSubstr("BEGIN CERTIFICATE"));
}

TEST_F(TlsFilesTest, ErrorsNameTheFile) {
  TlsPaths paths = Paths();
  paths.key = certificates_.Path("ca.key");
  EXPECT_THAT(ErrorOf(paths), HasSubstr("is not the key of the certificate"));
  paths.key = certificates_.Path("none.key");
  EXPECT_THAT(ErrorOf(paths), HasSubstr("none.key"));
  for (const std::string& junk :
       {std::string(), std::string("junk"), std::string(100'000, '-'), std::string("\0\0", 2),
        std::string("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
        std::string("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n")}) {
    Write("junk.pem", junk);
    paths = Paths();
    paths.certificate = certificates_.Path("junk.pem");
    EXPECT_THAT(ErrorOf(paths), HasSubstr("junk.pem holds no PEM certificate"));
    paths = Paths();
    paths.key = certificates_.Path("junk.pem");
    EXPECT_THAT(ErrorOf(paths), HasSubstr("junk.pem holds no PEM private key"));
    paths = Paths();
    paths.client_ca = certificates_.Path("junk.pem");
    EXPECT_THAT(ErrorOf(paths), HasSubstr("junk.pem holds no PEM certificate"));
  }
}

TEST_F(TlsFilesTest, AKeyWithAPassphraseIsAnErrorAndNoPrompt) {
  ASSERT_EQ(std::system(("openssl ec -aes256 -passout pass:secret -in " + certificates_.Path("server.key") +
                         " -out " + certificates_.Path("locked.key") + " 2> /dev/null")
                            .c_str()),
            0);
  TlsPaths paths = Paths();
  paths.key = certificates_.Path("locked.key");
  EXPECT_THAT(ErrorOf(paths), HasSubstr("one with a passphrase"));
}

TEST_F(TlsFilesTest, AChangedPairIsReadAgainAndADamagedOneIsNot) {
  std::chrono::steady_clock::time_point now;
  const auto files = TlsFiles::Open(Paths(), [&now] { return now; });
  ASSERT_TRUE(files.ok()) << files.status();
  const auto first = (*files)->Current();
  EXPECT_EQ((*files)->Current(), first);

  certificates_.Sign("next");
  MoveOver("next", "server");
  EXPECT_EQ((*files)->Current(), first) << "looks once a second";
  now += std::chrono::seconds(2);
  const auto second = (*files)->Current();
  EXPECT_EQ(second->subject, "CN=next");
  EXPECT_EQ(first->subject, "CN=server") << "what was handed out stays as it was";

  Write("server.key", "damaged");
  now += std::chrono::seconds(2);
  EXPECT_EQ((*files)->Current(), second);
  EXPECT_FALSE((*files)->Reload().ok());
  EXPECT_EQ((*files)->Current(), second);

  std::filesystem::remove(certificates_.Path("server.key"));
  now += std::chrono::seconds(2);
  EXPECT_EQ((*files)->Current(), second);

  certificates_.Sign("server");
  const auto changed = (*files)->Reload();
  ASSERT_TRUE(changed.ok()) << changed.status();
  EXPECT_TRUE(*changed);
  EXPECT_FALSE(*(*files)->Reload()) << "nothing new";
  EXPECT_EQ((*files)->Current()->subject, "CN=server");
}

TEST_F(TlsFilesTest, AnExpiredCertificateIsRefusedAndTheOldOneStays) {
  certificates_.Sign("late", "-1");  // ended yesterday
  const std::string error = ErrorOf(Paths("late"));
  EXPECT_THAT(error, HasSubstr("tls.certificate: "));
  EXPECT_THAT(error, HasSubstr("late.pem has expired on "));
  EXPECT_THAT(error, HasSubstr("GMT"));

  std::chrono::steady_clock::time_point now;
  const auto files = TlsFiles::Open(Paths(), [&now] { return now; });
  ASSERT_TRUE(files.ok()) << files.status();
  const auto first = (*files)->Current();
  MoveOver("late", "server");
  now += std::chrono::seconds(2);
  EXPECT_EQ((*files)->Current(), first) << "clients are better served by what was good before";
  EXPECT_FALSE((*files)->Reload().ok());
  EXPECT_FALSE(TlsFiles::Open(Paths(), [&now] { return now; }).ok()) << "a daemon does not start with it";
}

}  // namespace
}  // namespace m2tts
