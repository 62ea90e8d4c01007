#include "server/security/token_file.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>
#include <map>
#include <utility>

#include "core/base/file.h"
#include "core/base/sha256.h"
#include "core/voice/voice_manifest.h"

namespace m2tts {
namespace {

constexpr size_t kMaxTokenFileBytes = size_t{4} << 20;
constexpr size_t kMaxTokens = 10'000;

// With the highest class of what each may speak.
constexpr std::pair<std::string_view, Priority> kSpeakingRoles[] = {{"synthesize", Priority::kInteractive},
                                                                    {"synthesize-normal", Priority::kNormal},
                                                                    {"synthesize-bulk", Priority::kBulk}};

using Digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

Digest DigestOf(std::string_view token) {
  Digest digest;
  SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(), digest.data());
  return digest;
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool ParseDigest(std::string_view hex, Digest* digest) {
  if (hex.size() != 2 * digest->size()) return false;
  for (size_t i = 0; i < digest->size(); ++i) {
    const int high = HexValue(hex[2 * i]);
    const int low = HexValue(hex[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    (*digest)[i] = static_cast<unsigned char>(high << 4 | low);
  }
  return true;
}

std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

// What a message may quote of a file that anybody could have written. The last field may be a
// token by mistake, and is never quoted.
std::string Quote(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text.substr(0, 40)) quoted += c >= 0x20 && c < 0x7f ? c : '?';
  return quoted + (text.size() > 40 ? "...'" : "'");
}

StatusOr<TokenFile::Entry> ParseLine(std::string_view line) {
  const size_t first = line.find(':');
  const size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
  if (second == std::string_view::npos) return InvalidArgument("expected NAME:ROLE[,ROLE]:SHA256");
  TokenFile::Entry entry;
  entry.name = std::string(line.substr(0, first));
  if (!IsValidId(entry.name)) {
    return InvalidArgument("{} is not a name: [A-Za-z0-9][A-Za-z0-9._-]{{0,63}}", Quote(entry.name));
  }
  M2TTS_ASSIGN_OR_RETURN(entry.roles, ParseRoles(line.substr(first + 1, second - first - 1)));
  if (!ParseDigest(line.substr(second + 1), &entry.sha256)) {
    return InvalidArgument(
        "the third field of {} is not a SHA-256 hash, 64 hexadecimal digits; 'm2ttsd hash-token' makes one",
        Quote(entry.name));
  }
  return entry;
}

}  // namespace

const char* RoleName(Role role) {
  switch (role) {
    case Role::kSynthesize:
      return "synthesize";
    case Role::kTrain:
      return "train";
    case Role::kAdmin:
      return "admin";
    case Role::kAny:
      return "any";
  }
  return "";
}

StatusOr<Roles> ParseRoles(std::string_view text) {
  Roles roles;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view role = text.substr(begin, end - begin);
    const auto* const speaking = std::find_if(std::begin(kSpeakingRoles), std::end(kSpeakingRoles),
                                              [role](const auto& known) { return known.first == role; });
    if (speaking != std::end(kSpeakingRoles)) {
      roles.highest = roles.synthesize ? std::min(roles.highest, speaking->second) : speaking->second;
      roles.synthesize = true;
    } else if (role == "train") {
      roles.train = true;
    } else if (role == "admin") {
      roles.admin = true;
    } else {
      return InvalidArgument(
          "{} is not a role; roles are synthesize, synthesize-normal, synthesize-bulk, train, admin, with "
          "commas between",
          Quote(role));
    }
    begin = end + 1;
  }
  return roles;
}

StatusOr<std::shared_ptr<const TokenFile>> TokenFile::Parse(std::string_view text,
                                                            const std::string& source) {
  auto file = std::make_shared<TokenFile>();
  std::map<Digest, int> line_of;
  int number = 0;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = Trim(text.substr(begin, end - begin));
    begin = end + 1;
    ++number;
    if (line.empty() || line.front() == '#') continue;
    const std::string place = fmt::format("{}:{}", source, number);
    StatusOr<Entry> entry = ParseLine(line);
    if (!entry.ok()) return Annotate(entry.status(), place);
    const auto [other, is_new] = line_of.emplace(entry->sha256, number);
    if (!is_new) return InvalidArgument("{}: the same token as in line {}", place, other->second);
    if (file->entries_.size() == kMaxTokens) {
      return InvalidArgument("{}: more than {} tokens", place, kMaxTokens);
    }
    file->entries_.push_back(*std::move(entry));
  }
  if (file->entries_.empty()) {
    return InvalidArgument(
        "{}: there is no token in it, so that nobody could call; 'm2ttsd hash-token' "
        "makes a line",
        source);
  }
  return std::shared_ptr<const TokenFile>(std::move(file));
}

StatusOr<std::shared_ptr<const TokenFile>> TokenFile::Load(const std::filesystem::path& path) {
  M2TTS_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kMaxTokenFileBytes));
  return Parse(text, path.string());
}

const TokenFile::Entry* TokenFile::Find(std::string_view token) const {
  if (token.size() > kMaxTokenLength) return nullptr;
  const Digest digest = DigestOf(token);
  const Entry* found = nullptr;
  for (const Entry& entry : entries_) {
    if (CRYPTO_memcmp(entry.sha256.data(), digest.data(), digest.size()) == 0) found = &entry;
  }
  return found;
}

bool TokenFile::operator==(const TokenFile& other) const {
  return std::equal(entries_.begin(), entries_.end(), other.entries_.begin(), other.entries_.end(),
                    [](const Entry& a, const Entry& b) {
                      return a.name == b.name && a.sha256 == b.sha256 &&
                             a.roles.synthesize == b.roles.synthesize && a.roles.train == b.roles.train &&
                             a.roles.admin == b.roles.admin && a.roles.highest == b.roles.highest;
                    });
}

StatusOr<std::string> TokenLine(const std::string& name, const std::string& roles, const std::string& token) {
  if (!IsValidId(name)) {
    return InvalidArgument("{} is not a name: [A-Za-z0-9][A-Za-z0-9._-]{{0,63}}", Quote(name));
  }
  M2TTS_RETURN_IF_ERROR(ParseRoles(roles).status());
  if (token.size() < kMinTokenLength || token.size() > kMaxTokenLength) {
    return InvalidArgument("the token has {} characters; it needs {} to {}", token.size(), kMinTokenLength,
                           kMaxTokenLength);
  }
  const size_t padding = token.find('=');
  const std::string_view body = std::string_view(token).substr(0, padding);
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._~+/").find(c) != std::string_view::npos;
  };
  if (!std::all_of(body.begin(), body.end(), allowed) ||
      (padding != std::string::npos && token.find_first_not_of('=', padding) != std::string::npos)) {
    return InvalidArgument("the token has characters other than A-Z a-z 0-9 - . _ ~ + /");
  }
  return fmt::format("{}:{}:{}", name, roles, Sha256Hex(token));
}

StatusOr<std::string> NewToken() {
  constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  constexpr int kBytes = 33;  // 44 characters of 6 bits
  std::array<unsigned char, kBytes> random;
  if (RAND_bytes(random.data(), kBytes) != 1) return Internal("there are no random numbers for a token");
  std::string token;
  for (int i = 0; i < kBytes; i += 3) {
    const unsigned bits = random[i] << 16 | random[i + 1] << 8 | random[i + 2];
    for (int shift = 18; shift >= 0; shift -= 6) token += kAlphabet[bits >> shift & 63];
  }
  return token;
}

}  // namespace m2tts
