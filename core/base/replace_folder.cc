#include "core/base/replace_folder.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>

#include "core/base/file.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

// A trailing slash would put "beside" inside.
fs::path WithoutSlash(const fs::path& path) {
  return path.has_filename() ? path : path.parent_path();
}

fs::path ParentOf(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

Status RenameError(const fs::path& path, const std::error_code& error) {
  return Internal("{}: cannot rename a folder to it: {}", path.string(), error.message());
}

// Both names keep existing throughout. False when this file system cannot do it.
bool Exchange(const fs::path& a, const fs::path& b) {
#ifdef __APPLE__
  return ::renamex_np(a.c_str(), b.c_str(), RENAME_SWAP) == 0;
#else
  return ::renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE) == 0;
#endif
}

}  // namespace

StatusOr<fs::path> MakeFolderBeside(const fs::path& raw_path) {
  const fs::path path = WithoutSlash(raw_path);
  std::error_code error;
  fs::create_directories(ParentOf(path), error);
  std::string name = (ParentOf(path) / ("." + path.filename().string() + ".XXXXXX")).string();
  if (::mkdtemp(name.data()) == nullptr || ::chmod(name.c_str(), 0755) != 0) {
    return Internal("{}: cannot make a folder beside it: {}", path.string(),
                    std::generic_category().message(errno));
  }
  return fs::path(name);
}

Status ReplaceFolder(const fs::path& from, const fs::path& raw_to) {
  const fs::path to = WithoutSlash(raw_to);
  std::error_code error;
  if (!fs::exists(to, error)) {
    fs::rename(from, to, error);
    if (error) return RenameError(to, error);
  } else if (!Exchange(from, to)) {
    const fs::path aside = from.string() + ".old";
    fs::rename(to, aside, error);
    if (!error) fs::rename(from, to, error);
    if (error) {
      std::error_code ignored;
      if (!fs::exists(to, ignored)) fs::rename(aside, to, ignored);
      return RenameError(to, error);
    }
    fs::rename(aside, from, error);
    if (error) return RenameError(from, error);
  }
  return SyncFolder(ParentOf(to));
}

}  // namespace m2tts
