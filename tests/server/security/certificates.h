// Certificates for tests, made by openssl when the test runs.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace m2tts {

class TestCertificates {
 public:
  // Makes NAME.pem and NAME.key of a new authority in `folder`.
  explicit TestCertificates(std::filesystem::path folder, std::string name = "ca")
      : folder_(std::move(folder)), ca_((folder_ / name).string()) {
    Run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=" + name +
        " -keyout " + ca_ + ".key -out " + ca_ + ".pem");
  }

  // NAME.pem and NAME.key, signed by the authority, for 127.0.0.1 and localhost. A certificate
  // that is there is replaced.
  void Sign(const std::string& name, const std::string& days = "2") const {
    const std::string file = (folder_ / name).string();
    Run("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=" + name +
        " -addext subjectAltName=IP:127.0.0.1,DNS:localhost -keyout " + file + ".key -out " + file + ".csr");
    Run("x509 -req -in " + file + ".csr -CA " + ca_ + ".pem -CAkey " + ca_ + ".key -CAcreateserial -days " +
        days + " -copy_extensions copy -out " + file + ".pem");
  }

  std::string Path(const std::string& file) const { return (folder_ / file).string(); }

 private:
  static void Run(const std::string& arguments) {
    ASSERT_EQ(std::system(("openssl " + arguments + " > /dev/null 2>&1").c_str()), 0) << arguments;
  }

  const std::filesystem::path folder_;
  const std::string ca_;
};

}  // namespace m2tts
