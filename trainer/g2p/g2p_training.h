// The whole way from dictionary words to the bytes of a G2P model.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "trainer/g2p/aligner.h"
#include "trainer/g2p/ngram_trainer.h"
#include "trainer/g2p/tagger_trainer.h"

namespace m2tts {

struct G2pOptions {
  AlignOptions align;
  NgramOptions ngram;
  TaggerOptions tagger;
  // How much each part counts in the search; tuned on the development words.
  float ngram_weight = 0.6F;
  float tagger_weight = 0.4F;
};

// One core, no LibTorch; minutes for the whole dictionary. The same words and options give the same bytes on
// the same kind of processor. `progress` (may be empty) hears a line for each step. INVALID_ARGUMENT when no
// word can be aligned.
StatusOr<std::string> TrainG2p(const std::vector<DictionaryEntry>& words, const G2pOptions& options,
                               const std::function<void(const std::string&)>& progress);

}  // namespace m2tts
