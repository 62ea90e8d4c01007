#include "server/security/request_id.h"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace m2tts {
namespace {

constexpr size_t kMaxLength = 64;

}  // namespace

bool IsValidRequestId(std::string_view id) {
  return !id.empty() && id.size() <= kMaxLength && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

std::string NewRequestId() {
  static std::atomic<uint64_t> counter{0};
  uint64_t id = 0;
  // Without random numbers ids are still different within this process.
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&id), sizeof(id)) != 1) id = ++counter;
  return fmt::format("{:016x}", id);
}

std::string RequestIdOrNew(std::string_view wanted) {
  return IsValidRequestId(wanted) ? std::string(wanted) : NewRequestId();
}

}  // namespace m2tts
