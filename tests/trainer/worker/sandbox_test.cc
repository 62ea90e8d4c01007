// Each case looks around in a child process that has entered the sandbox, since there is no way out of it.
#include "trainer/worker/sandbox.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/landlock.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <future>
#include <thread>

#include "core/base/file.h"
#include "tests/core/base/temp_folder.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const std::string kWorks = "";
const std::string kDenied = std::strerror(EACCES);       // Landlock
const std::string kNotPermitted = std::strerror(EPERM);  // seccomp

// What a system call came to: its error, or kWorks.
std::string Result(long result) {
  return result < 0 ? std::strerror(errno) : kWorks;
}

std::string Open(const fs::path& path, int flags = O_RDONLY) {
  return Result(::open(path.c_str(), flags | O_CLOEXEC, 0644));
}

long LandlockVersion() {
  return ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

// What `look` says in a child process.
std::string InChild(const std::function<std::string()>& look) {
  int ends[2];
  if (::pipe(ends) != 0) return "no pipe";
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string said = look();
    const bool written = ::write(ends[1], said.data(), said.size()) == static_cast<ssize_t>(said.size());
    ::_exit(written ? 0 : 1);
  }
  ::close(ends[1]);
  std::string said;
  char bytes[1024];
  for (ssize_t count = 0; (count = ::read(ends[0], bytes, sizeof(bytes))) > 0;) said.append(bytes, count);
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  return status == 0 ? said : "the child died of " + std::to_string(status);
}

class SandboxTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"corpus", "secret", "run", "temp"}) fs::create_directory(path(name));
    ASSERT_TRUE(WriteFileAtomic(path("corpus/clip"), "sound").ok());
    ASSERT_TRUE(WriteFileAtomic(path("secret/key"), "key").ok());
    fs::create_symlink(path("secret/key"), path("corpus/link"));
    options_.mode = "auto";
    options_.read = {path("corpus").string(), path("not there").string()};
    options_.write = {path("run").string()};
    options_.temp = path("temp").string();
  }
  fs::path path(const std::string& name) const { return folder_.path() / name; }

  // In a child that is inside; why it could not enter.
  std::string Inside(const std::function<std::string()>& look) const {
    return InChild([&] {
      const Status entered = EnterSandbox(options_);
      return entered.ok() ? look() : std::string(entered.message());
    });
  }

  TempFolder folder_;
  SandboxOptions options_;
};

class SandboxFilesTest : public SandboxTest {
 protected:
  void SetUp() override {
    if (LandlockVersion() < 1) GTEST_SKIP() << "this kernel has no Landlock: " << std::strerror(errno);
#ifdef M2TTS_THREAD_SANITIZER
    GTEST_SKIP() << "the sanitizer's own thread keeps Landlock away";
#endif
    SandboxTest::SetUp();
  }
};

TEST_F(SandboxFilesTest, OnlyWhatIsNamedCanBeRead) {
  EXPECT_EQ(Inside([&] { return Open(path("corpus/clip")); }), kWorks);
  EXPECT_EQ(Inside([&] { return Open(path("corpus"), O_DIRECTORY); }), kWorks);
  EXPECT_EQ(Inside([&] { return Open(path("secret/key")); }), kDenied);
  EXPECT_EQ(Inside([&] { return Open(path("secret"), O_DIRECTORY); }), kDenied);
  EXPECT_EQ(Inside([&] { return Open(path("corpus/link")); }), kDenied);
  EXPECT_EQ(Inside([&] { return Open(path("corpus/../secret/key")); }), kDenied);
  EXPECT_EQ(Inside([&] { return Open("/", O_DIRECTORY); }), kDenied);
  EXPECT_EQ(Inside([&] { return Open("/etc", O_DIRECTORY); }), kDenied);
}

TEST_F(SandboxFilesTest, OnlyItsFoldersCanBeChanged) {
  EXPECT_EQ(Inside([&] { return std::string(WriteFileAtomic(path("run/a/step"), "1").message()); }), kWorks);
  EXPECT_EQ(*ReadFile(path("run/a/step")), "1");
  EXPECT_EQ(Inside([&] { return Open(path("run/a/step"), O_RDWR | O_TRUNC); }), kWorks);
  EXPECT_EQ(Inside([&] {
              std::error_code error;
              fs::remove_all(path("run/a"), error);
              return error ? error.message() : kWorks;
            }),
            kWorks);
  EXPECT_EQ(Inside([&] { return Open(path("corpus/new"), O_WRONLY | O_CREAT); }), kDenied);
  EXPECT_EQ(Inside([&] { return Open(path("corpus/clip"), O_WRONLY); }), kDenied);
  EXPECT_EQ(Inside([&] { return Open(path("secret/new"), O_WRONLY | O_CREAT); }), kDenied);
  EXPECT_EQ(Inside([&] { return Result(::unlink(path("corpus/clip").c_str())); }), kDenied);
  EXPECT_EQ(*ReadFile(path("corpus/clip")), "sound");
}

TEST_F(SandboxFilesTest, NoLinksAreMade) {
  EXPECT_EQ(Inside([&] { return Result(::symlink("/etc/passwd", path("run/link").c_str())); }), kDenied);
  EXPECT_EQ(Inside([&] { return Result(::mkfifo(path("run/pipe").c_str(), 0600)); }), kDenied);
  EXPECT_NE(Inside([&] { return Result(::link(path("secret/key").c_str(), path("run/key").c_str())); }),
            kWorks);
  // Within a folder: as checkpoints have a second name.
  EXPECT_EQ(Inside([&] {
              (void)Open(path("run/step"), O_WRONLY | O_CREAT);
              return Result(::link(path("run/step").c_str(), path("run/best").c_str()));
            }),
            kWorks);
}

TEST_F(SandboxFilesTest, TemporaryFilesHaveTheirFolder) {
  EXPECT_EQ(Inside([&] { return fs::temp_directory_path().string(); }), options_.temp);
  EXPECT_EQ(Inside([&] { return std::string(WriteFileAtomic(path("temp/x"), "1").message()); }), kWorks);
  EXPECT_EQ(Inside([&] { return Open(path("x"), O_WRONLY | O_CREAT); }), kDenied);
}

TEST_F(SandboxFilesTest, ProgramsThatItStartsRunAndAreInsideToo) {
  const auto shell = [&](const std::string& script) {
    return Inside(
        [&] { return std::to_string(std::system(("cd / && " + script + " 2> /dev/null").c_str())); });
  };
  EXPECT_EQ(shell("cat " + path("corpus/clip").string() + " > " + path("run/copy").string()), "0");
  EXPECT_EQ(*ReadFile(path("run/copy")), "sound");
  EXPECT_NE(shell("cat " + path("secret/key").string()), "0");
  EXPECT_NE(shell("echo x > " + path("secret/new").string()), "0");
  EXPECT_FALSE(fs::exists(path("secret/new")));
}

TEST_F(SandboxFilesTest, NobodyOutsideGetsASignal) {
  if (LandlockVersion() < 6) GTEST_SKIP() << "Landlock " << LandlockVersion() << " does not see to signals";
  EXPECT_EQ(Inside([] { return Result(::kill(::getppid(), 0)); }), kNotPermitted);
  EXPECT_EQ(Inside([] { return Result(::kill(::getpid(), 0)); }), kWorks);
}

TEST_F(SandboxFilesTest, OnHoldsAll) {
  options_.mode = "on";
  const std::string report = Inside([] { return SandboxReport(); });
  EXPECT_THAT(report, HasSubstr("files held by Landlock"));
  EXPECT_THAT(report, HasSubstr("system calls held by seccomp"));
}

TEST_F(SandboxTest, ThereIsNoNetwork) {
  for (const int family : {AF_INET, AF_INET6, AF_NETLINK, AF_PACKET}) {
    EXPECT_EQ(Inside([&] { return Result(::socket(family, SOCK_DGRAM, 0)); }), kNotPermitted) << family;
  }
  EXPECT_EQ(Inside([] { return Result(::socket(AF_UNIX, SOCK_STREAM, 0)); }), kWorks);
  EXPECT_EQ(Inside([] {
              int ends[2];
              return Result(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
            }),
            kWorks);
  // Datagrams need no connect to be sent somewhere; a raw Unix socket is one.
  for (const int type : {int{SOCK_DGRAM}, int{SOCK_RAW}, SOCK_DGRAM | SOCK_CLOEXEC}) {
    EXPECT_EQ(Inside([&] { return Result(::socket(AF_UNIX, type, 0)); }), kNotPermitted) << type;
    EXPECT_EQ(Inside([&] {
                int ends[2];
                return Result(::socketpair(AF_UNIX, type, 0, ends));
              }),
              kNotPermitted)
        << type;
  }
  EXPECT_EQ(Inside([] { return Result(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)); }), kWorks);
  sockaddr_un nobody = {};
  nobody.sun_family = AF_UNIX;
  const auto* const address = reinterpret_cast<const sockaddr*>(&nobody);
  const auto with_socket = [&](const std::function<long(int)>& call) {
    return Inside([&] { return Result(call(::socket(AF_UNIX, SOCK_STREAM, 0))); });
  };
  EXPECT_EQ(with_socket([&](int socket) { return ::connect(socket, address, sizeof(nobody)); }),
            kNotPermitted);
  EXPECT_EQ(with_socket([&](int socket) { return ::bind(socket, address, sizeof(nobody)); }), kNotPermitted);
  EXPECT_EQ(with_socket([](int socket) { return ::listen(socket, 1); }), kNotPermitted);
}

// Each is allowed to everybody outside.
TEST_F(SandboxTest, CallsThatNoWorkerNeedsAreRefused) {
  constexpr int kGetKeyringId = 0, kSessionKeyring = -3;  // linux/keyctl.h
  EXPECT_EQ(Inside([] { return Result(::syscall(SYS_keyctl, kGetKeyringId, kSessionKeyring, 0)); }),
            kNotPermitted);
  EXPECT_EQ(Inside([] { return Result(::process_vm_readv(::getpid(), nullptr, 0, nullptr, 0, 0)); }),
            kNotPermitted);
#ifndef __SANITIZE_ADDRESS__
  EXPECT_EQ(Inside([] { return Result(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr)); }), kNotPermitted);
#endif
}

TEST_F(SandboxTest, ThreadsThatRunAlreadyAreHeldBySeccompAndToldOf) {
  const auto with_thread = [&] {
    return InChild([&] {
      std::promise<void> inside;
      std::string result;
      std::thread thread([&] {
        inside.get_future().wait();
        result = Result(::socket(AF_INET, SOCK_STREAM, 0));
      });
      const Status entered = EnterSandbox(options_);
      inside.set_value();
      thread.join();
      return result + "; " + SandboxReport() + "; " + std::string(entered.message());
    });
  };
  const std::string said = with_thread();
  EXPECT_THAT(said, testing::StartsWith(kNotPermitted));
  EXPECT_THAT(said, HasSubstr("files free"));
  options_.mode = "on";
  EXPECT_THAT(with_thread(), HasSubstr("jobs.sandbox is on, but"));
}

}  // namespace
}  // namespace m2tts
