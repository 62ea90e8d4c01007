#include "server/rpc/unix_socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "tests/core/base/temp_folder.h"

namespace m2tts {
namespace {

// A socket bound to `path`; closed without removing the path.
int Bind(const std::string& path) {
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  return fd;
}

TEST(UnixSocketTest, RemovesOnlyWhatNobodyUses) {
  const TempFolder folder;
  const std::string path = (folder.path() / "socket").string();
  EXPECT_TRUE(ClearStaleSocket(path).ok()) << "nothing there";

  close(Bind(path));
  EXPECT_TRUE(ClearStaleSocket(path).ok());
  EXPECT_FALSE(std::filesystem::exists(path));

  const int listening = Bind(path);
  ASSERT_EQ(listen(listening, 1), 0);
  EXPECT_EQ(ClearStaleSocket(path).code(), StatusCode::kAlreadyExists);
  EXPECT_TRUE(std::filesystem::exists(path));
  close(listening);
  EXPECT_TRUE(ClearStaleSocket(path).ok());

  std::ofstream(path) << "data";
  EXPECT_EQ(ClearStaleSocket(path).code(), StatusCode::kAlreadyExists);
  EXPECT_TRUE(std::filesystem::exists(path)) << "a file of somebody is no socket to remove";
  std::filesystem::remove(path);
  std::filesystem::create_symlink("/etc/passwd", path);
  EXPECT_EQ(ClearStaleSocket(path).code(), StatusCode::kAlreadyExists);
}

TEST(UnixSocketTest, UmaskGivesTheModeAndGoesAway) {
  const TempFolder folder;
  const mode_t before = umask(022);
  umask(before);
  for (const auto& [access, mode] :
       {std::pair("owner", 0600u), std::pair("group", 0660u), std::pair("everyone", 0666u)}) {
    const std::string path = (folder.path() / access).string();
    {
      const ScopedUmask umask(SocketMode(access));
      close(Bind(path));
    }
    struct stat info {};
    ASSERT_EQ(stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0666, mode) << access;
  }
  const mode_t after = umask(before);
  EXPECT_EQ(after, before);
}

}  // namespace
}  // namespace m2tts
