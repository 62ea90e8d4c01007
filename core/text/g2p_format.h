// The bytes of a trained grapheme-to-phoneme model (en_US.g2p). All integers are little-endian.
//
//   header, 128 bytes  magic "M2TTSG2P", u32 format version, u32 phoneme-set version,
//                      u32 order N (2 to 8), u32 graphones G, u32 entries of levels 1 to N (8 numbers,
//                      0 beyond N), u32 CRC-32 of everything after the header, u32 embedding and
//                      u32 hidden size of the tagger (0: there is none), u32 weight of the n-gram
//                      model's and u32 of the tagger's costs, in thousandths, zeros
//   graphones          G times: u8 letter (0 to 26), u8, u8 the chunk's phonemes, sorted by letter;
//                      id 0 is not used, id 1 is the beginning of a word and id 2 its end (letter 255)
//   levels 1 to N      entries of all n-grams of that length, sorted by their parent, then by graphone:
//                      u16 graphone of each, u8 probability of each, and on levels below N
//                      u8 back-off of each, u32 first child of each and one more u32, the end
//   tagger             see trainer/g2p/tagger.cc: embedding, then per layer and direction input and recurrent
//                      matrix and bias, then output matrix and bias. A matrix is f32 scale per output, then
//                      i8 [inputs][outputs]; a bias is f32 each
//
// Probabilities p are stored as round(-16 ln p), at most 255; so are back-off weights.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace m2tts::g2p_format {

inline constexpr std::string_view kMagic = "M2TTSG2P";
inline constexpr uint32_t kVersion = 1;
inline constexpr size_t kHeaderSize = 128;
inline constexpr int kMaxOrder = 8;
inline constexpr float kQuantum = 1.0f / 16;

inline constexpr uint16_t kBegin = 1;
inline constexpr uint16_t kEnd = 2;
inline constexpr uint16_t kFirstGraphone = 3;
inline constexpr uint8_t kNoLetter = 255;

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
