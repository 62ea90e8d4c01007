// The bytes of a G2P model (en_US.g2p). All integers are little-endian; every section starts at a multiple of
// 4 bytes and is filled up with zeros.
//
// clang-format off
//   header, 160 bytes  magic "M2TTSG2P", u32 format version, u32 phoneme-set version, u32 x 20: HeaderField,
//                      64 hex digits: SHA-256 of everything after the header
//   graphones          u8 x 4 each: letter (0 to 26), two phonemes, zero; ascending
//   n-gram             u32 base [inner / 64 + 1]   u16 offset [inner + 1]    first inner child of each inner node
//                      u32 base [inner / 64 + 1]   u16 offset [inner + 1]    first leaf child of each inner node
//                      u16 symbol [inner]   u8 log-probability [inner]   u8 backoff [inner]
//                      u16 symbol [leaves]  u8 log-probability [leaves]
//   tagger             see core/text/g2p_tagger.h
// clang-format on
//
// The n-gram is a trie of symbol sequences, oldest first, breadth first: node 0 is the root, a node with
// children is inner, and its children of both kinds are contiguous and sorted by symbol. A symbol is a
// graphone without stress (g2p_graphones.h), or one of the two after the last: begin and end of a word. A
// byte b of a probability stands for exp(-b / 16), of a backoff for exp((16 - b) / 16), since one may be
// over 1.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace m2tts::g2p_format {

inline constexpr std::string_view kMagic = "M2TTSG2P";
inline constexpr uint32_t kVersion = 1;
inline constexpr size_t kHeaderFields = 20;
inline constexpr size_t kDigestOffset = 96;
inline constexpr size_t kHeaderSize = 160;
inline constexpr float kLogStep = 1.0F / 16;
inline constexpr int kBackoffOffset = 16;
inline constexpr uint32_t kNodesPerBase = 64;

// The fields of the header after the two versions, in this order; the rest is zero.
enum HeaderField : size_t {
  kGraphones,
  kOrder,  // longest n-gram
  kInnerNodes,
  kLeaves,
  kTaggerWidth,  // channels; 0 = no tagger
  kTaggerBlocks,
  kTaggerRows,   // rows of the hashed n-gram table
  kNgramWeight,  // weights of the two in the decoder, in 1/1000
  kTaggerWeight,
};

inline constexpr int kLetterCount = 27;  // a to z and the apostrophe

// 0 to 26, or -1 for what the model does not read.
constexpr int LetterIndex(char c) {
  if (c >= 'a' && c <= 'z') return c - 'a';
  return c == '\'' ? 26 : -1;
}

// What one letter sounds as: zero, one or two phonemes, a byte each (id | stress << 6, as in the
// lexicon), filled up with zeros.
using Chunk = std::array<uint8_t, 2>;

inline constexpr unsigned kIdMask = 0x3f;
inline constexpr int kStressShift = 6;

}  // namespace m2tts::g2p_format
