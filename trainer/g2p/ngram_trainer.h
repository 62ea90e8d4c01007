// A joint n-gram model over graphones: interpolated modified Kneser-Ney, pruned.
//
// Chen and Goodman, "An empirical study of smoothing techniques for language modeling" (1998); pruning by the
// weighted difference of Seymore and Rosenfeld, "Scalable backoff language models" (1996), with counted (not
// smoothed) history probabilities, since Kneser-Ney distorts those (Chelba et al., 2010).
#pragma once

#include <cstdint>
#include <vector>

#include "trainer/g2p/graphones.h"

namespace m2tts {

struct NgramOptions {
  int order = 7;
  size_t max_ngrams = 500000;  // those with the least effect go
};

// A trie of n-grams, breadth first; node 0 is the root. Children are contiguous and sorted by symbol.
struct NgramTrie {
  struct Node {
    uint16_t symbol = 0;
    float log_probability = 0;  // of the symbol after its context, natural logarithm
    float log_backoff = 0;      // for what does not follow this node
    uint32_t first_child = 0;
    uint32_t children = 0;
  };
  std::vector<Node> nodes;
};

NgramTrie TrainNgram(const GraphoneCorpus& corpus, const NgramOptions& options);

}  // namespace m2tts
