// The alphabets of a G2P model: pairs of a letter and what it sounds as.
//
// The tagger tells stressed from unstressed sounds. The n-gram does not: without stress it has more to count
// for each of its symbols, and reads unknown words better. Pure functions; any thread may call them.
#pragma once

#include <cstdint>
#include <vector>

#include "core/text/g2p_format.h"

namespace m2tts {

struct Graphone {
  uint8_t letter = 0;  // g2p_format::LetterIndex
  g2p_format::Chunk chunk{};
};
bool operator==(const Graphone& a, const Graphone& b);
bool operator<(const Graphone& a, const Graphone& b);

// The same sound without stress, reduced vowels as full ones.
Graphone PlainGraphone(const Graphone& graphone);

struct PlainAlphabet {
  std::vector<Graphone> graphones;  // ascending
  std::vector<uint16_t> of;         // index in `graphones` for each graphone with stress
};

PlainAlphabet MergeStress(const std::vector<Graphone>& graphones);

}  // namespace m2tts
