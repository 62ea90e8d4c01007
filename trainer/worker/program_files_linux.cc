#include <link.h>

#include <set>
#include <string>
#include <system_error>

#include "trainer/worker/program_files.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxGpus = 16;

int AddFolderOf(dl_phdr_info* object, size_t, void* folders) {
  const fs::path file = object->dlpi_name;  // empty for the program itself
  if (file.is_absolute()) static_cast<std::set<fs::path>*>(folders)->insert(file.parent_path());
  return 0;
}

// A LibTorch that was unpacked somewhere loads parts of itself later.
std::set<fs::path> FoldersOfLibraries() {
  std::set<fs::path> folders;
  dl_iterate_phdr(AddFolderOf, &folders);
  return folders;
}

}  // namespace

ProgramFiles FilesOfPrograms() {
  ProgramFiles files;
  files.run = {"/usr", "/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin", "/opt"};
  for (const fs::path& folder : FoldersOfLibraries()) files.run.push_back(folder);
  std::error_code ignored;
  files.run.push_back(fs::read_symlink("/proc/self/exe", ignored));

  // The kernel keeps what is below /proc of processes outside the sandbox from being read.
  files.read = {"/proc", "/sys", "/dev/random", "/dev/urandom"};
  for (const char* name :
       {"alternatives", "group", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "ld.so.preload", "locale.alias",
        "localtime", "nsswitch.conf", "passwd", "ssl/openssl.cnf", "timezone"}) {
    files.read.push_back(fs::path("/etc") / name);
  }
  files.devices = {"/dev/null", "/dev/zero", "/dev/full"};
  // Graphics cards.
  for (const char* name :
       {"dri", "kfd", "nvidiactl", "nvidia-modeset", "nvidia-uvm", "nvidia-uvm-tools", "nvidia-caps"}) {
    files.devices.push_back(fs::path("/dev") / name);
  }
  for (int i = 0; i < kMaxGpus; ++i) files.devices.emplace_back("/dev/nvidia" + std::to_string(i));
  return files;
}

}  // namespace m2tts
