#include "server/security/hash_token.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "core/base/file.h"
#include "server/security/token_file.h"

namespace m2tts {
namespace {

Status WriteSecret(const std::string& path, const std::string& token) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return ErrnoStatus(path, "make the file of the token", errno);
  const std::string line = token + "\n";
  const ssize_t written = write(file, line.data(), line.size());
  const int error = errno;
  const bool complete = written == static_cast<ssize_t>(line.size()) && fsync(file) == 0;
  if (close(file) == 0 && complete) return OkStatus();
  unlink(path.c_str());
  return ErrnoStatus(path, "write the token", error);
}

}  // namespace

StatusOr<std::string> HashToken(const HashTokenOptions& options, std::istream& in) {
  if (options.generate.empty()) {
    std::string token;
    std::getline(in, token);
    if (!token.empty() && token.back() == '\r') token.pop_back();
    return TokenLine(options.name, options.roles, token);
  }
  M2TTS_ASSIGN_OR_RETURN(const std::string token, NewToken());
  M2TTS_ASSIGN_OR_RETURN(std::string line, TokenLine(options.name, options.roles, token));
  M2TTS_RETURN_IF_ERROR(WriteSecret(options.generate, token));
  return line;
}

}  // namespace m2tts
