// The file of bearer tokens.
//
//   # who          what it may do       SHA-256 of the token
//   reader-app:synthesize:0d5f1c...64 hexadecimal digits
//   alice:synthesize,train,admin:a1b2...
//
// One token a line; '#' begins a comment line. A name may have several lines, so that a token
// can be replaced while the old one still works. `m2ttsd hash-token` writes such a line. The
// file holds no token, only hashes: tokens are long and random, which a plain hash suits.
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"
#include "server/security/caller.h"

namespace m2tts {

inline constexpr size_t kMinTokenLength = 16;
inline constexpr size_t kMaxTokenLength = 4096;

// Immutable, so that any thread may read it.
class TokenFile {
 public:
  struct Entry {
    std::string name;  // [A-Za-z0-9][A-Za-z0-9._-]{0,63}
    Roles roles;
    std::array<unsigned char, 32> sha256 = {};
  };

  // INVALID_ARGUMENT with "SOURCE:LINE: what is wrong" for the first bad line, and for a file without
  // any token. At most 10 000 tokens.
  static StatusOr<std::shared_ptr<const TokenFile>> Parse(std::string_view text, const std::string& source);
  static StatusOr<std::shared_ptr<const TokenFile>> Load(const std::filesystem::path& path);

  // Nullptr when there is none. Takes the same time whichever entry matches, and if none does.
  const Entry* Find(std::string_view token) const;
  size_t size() const { return entries_.size(); }
  bool operator==(const TokenFile& other) const;

 private:
  std::vector<Entry> entries_;
};

// "synthesize,train" -> roles. INVALID_ARGUMENT names what is no role.
StatusOr<Roles> ParseRoles(std::string_view text);

// The line of the file for `token`. INVALID_ARGUMENT for a bad name or role, and for a token that is
// short, long, or has other characters than RFC 6750 allows ([A-Za-z0-9._~+/-] and '=' at the end).
StatusOr<std::string> TokenLine(const std::string& name, const std::string& roles, const std::string& token);

// 44 characters with 264 random bits.
StatusOr<std::string> NewToken();

}  // namespace m2tts
