// The bytes of a compiled lexicon (en_US.lex). All integers are little-endian.
//
//   header, 96 bytes   magic "M2TTSLEX", u32 format version, u32 phoneme-set version,
//                      u32 entries, u32 buckets, u32 blob bytes, u32 zero,
//                      64 hex digits: SHA-256 of everything after the header
//   buckets            u32 each: 0 = empty, else 1 + offset of an entry in the blob;
//                      open addressing, linear probing from Hash(word) mod buckets
//   blob               entries, one after another:
//                      u8 word length, word, u8 how well it serves as the first part of a
//                      compound << 4 | as the last part (compound_score.h), u8 variants,
//                      per variant: u8 phonemes, then one byte each: id | stress << 6
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/fnv1a.h"

namespace m2tts::lexicon_format {

inline constexpr std::string_view kMagic = "M2TTSLEX";
inline constexpr uint32_t kVersion = 2;
inline constexpr size_t kDigestOffset = 32;
inline constexpr size_t kHeaderSize = 96;
inline constexpr int kStressShift = 6;
inline constexpr unsigned kIdMask = 0x3f;

// FNV-1a, 64 bits, folded.
inline uint32_t Hash(std::string_view word) {
  const uint64_t h = Fnv1a64(word);
  return static_cast<uint32_t>(h ^ (h >> 32));
}

}  // namespace m2tts::lexicon_format
