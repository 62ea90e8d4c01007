#include "core/base/file_digest.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

namespace m2tts {
namespace {

constexpr size_t kPieceBytes = size_t{1} << 20;

Status Failed(const std::filesystem::path& path) {
  return Errorf(StatusCode::kUnknown, "{}: cannot read: {}", path.string(), std::strerror(errno));
}

StatusOr<std::string> DigestOf(int file, const std::filesystem::path& path) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  bool good = context != nullptr && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
  std::vector<char> piece(kPieceBytes);
  while (good) {
    const ssize_t count = ::read(file, piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Failed(path);
    if (count == 0) break;
    good = EVP_DigestUpdate(context.get(), piece.data(), static_cast<size_t>(count)) == 1;
  }
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (!good || EVP_DigestFinal_ex(context.get(), digest, &size) != 1) return Internal("SHA-256 failed");
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

}  // namespace

StatusOr<std::string> Sha256OfFile(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0) return Failed(path);
  struct stat status = {};
  const bool regular = ::fstat(file, &status) == 0 && S_ISREG(status.st_mode);
  auto digest = regular ? DigestOf(file, path)
                        : StatusOr<std::string>(InvalidArgument("{}: not a file", path.string()));
  ::close(file);
  return digest;
}

}  // namespace m2tts
