// The dictionary written in graphones: pairs of a letter and its chunk of phonemes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/text/g2p_graphones.h"
#include "trainer/g2p/aligner.h"

namespace m2tts {

struct GraphoneCorpus {
  std::vector<Graphone> graphones;           // ascending; the index is the symbol
  std::vector<std::vector<uint16_t>> words;  // one sequence for each aligned word
  uint16_t begin() const { return static_cast<uint16_t>(graphones.size()); }
  uint16_t end() const { return static_cast<uint16_t>(graphones.size() + 1); }
};

GraphoneCorpus MakeGraphones(const std::vector<AlignedWord>& aligned);

// The same in the alphabet without stress, each reading of a word once.
GraphoneCorpus WithoutStress(const GraphoneCorpus& corpus);

}  // namespace m2tts
