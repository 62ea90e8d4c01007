// The bytes of a phrasing model (en_US.phrasing). All integers and floats are little-endian.
//
// clang-format off
//   header, 32 bytes    magic "M2TTSPHR", u32 format version, u32 x 5: HeaderField
//   tag names           char[8] each, filled up with zeros: "nn", "vbd"
//   tag classes         u8 each: what the tag counts as where breaks are concerned; filled up to 4 bytes
//   break scores        f32 [classes][classes][classes]: of a break after the second of three tokens
//   history             f32 [2][64]: of no break and of a break, after the last six decisions
//   transitions         u8 [tags + 1][tags + 1][tags]: cost of a tag after two others; the last of the first
//                       two dimensions is "nothing before"; filled up to 4 bytes
//   offsets             u32 each: where an entry begins, in ascending order of keys
//   entries             u8 key length, key, u8 candidates (at least one), per candidate: u8 tag, u8 cost
//   digest              64 hex digits: SHA-256 of all before
// clang-format on
//
// A key is a word in lower case, "-tion" for words that end so and have no entry, or "-" for any word. A cost
// c stands for a probability of exp(-c / 16), up to a factor for each key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace m2tts::phrase_format {

inline constexpr std::string_view kMagic = "M2TTSPHR";
inline constexpr uint32_t kVersion = 1;
inline constexpr size_t kHeaderFields = 5;
inline constexpr size_t kHeaderSize = 32;
inline constexpr size_t kDigestSize = 64;
inline constexpr size_t kTagNameSize = 8;
inline constexpr double kCostStep = 1.0 / 16;
inline constexpr size_t kMaxSuffix = 5;  // bytes
inline constexpr uint32_t kMaxTags = 63;
inline constexpr size_t kHistories = 64;

// The fields of the header after the version, in this order.
enum HeaderField : size_t {
  kTags,
  kClasses,
  kPunctuationTag,
  kEntries,
  kEntryBytes,
};

}  // namespace m2tts::phrase_format
