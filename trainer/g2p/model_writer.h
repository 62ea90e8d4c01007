// The bytes of a G2P model file; see core/text/g2p_format.h.
#pragma once

#include <string>

#include "trainer/g2p/graphones.h"
#include "trainer/g2p/ngram_trainer.h"
#include "trainer/g2p/tagger_trainer.h"

namespace m2tts {

struct G2pParts {
  std::vector<Graphone> graphones;
  NgramTrie ngram;
  int order = 0;
  TaggerWeights tagger;  // width 0: none
  float ngram_weight = 1;
  float tagger_weight = 0;
};

std::string SerializeG2pModel(const G2pParts& parts);

}  // namespace m2tts
