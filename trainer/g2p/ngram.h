// Estimates the joint n-gram model of core/text/g2p_model.h from aligned words.
//
// Interpolated modified Kneser-Ney smoothing (Chen and Goodman 1998), written in back-off form.
// Rare long n-grams are pruned before the back-off weights are computed, which then hold the
// mass of the pruned ones.
#pragma once

#include <string>
#include <vector>

#include "core/base/status.h"
#include "trainer/g2p/aligner.h"
#include "trainer/g2p/graphones.h"

namespace m2tts {

struct NgramOptions {
  int order = 7;  // 2 to 8
  // An n-gram of length k stays when it was seen at least min_count[k - 1] times; index beyond
  // the end means the last number.
  std::vector<int> min_count = {1, 1, 1, 1, 2, 2, 2, 2};
};

// A trained tagger (trainer/g2p/tagger.h), to go into the same file. Without weights: none.
struct TaggerSection {
  std::string weights;
  size_t embedding = 0;
  size_t hidden = 0;
  // How much the costs of each model count in the search.
  double ngram_weight = 1;
  double tagger_weight = 0;
};

// The bytes of the model, see core/text/g2p_format.h. Deterministic. INVALID_ARGUMENT for an
// order out of range.
StatusOr<std::string> TrainG2pModel(const GraphoneInventory& graphones, const std::vector<AlignedWord>& words,
                                    const NgramOptions& options, const TaggerSection& tagger);

}  // namespace m2tts
