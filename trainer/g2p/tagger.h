// A small neural network that tells, for each letter of a word, which chunk of phonemes it makes.
//
// Letters -> embedding -> two bidirectional LSTM layers -> softmax over the graphones of the letter.
// After Rao, Peng, Sak and Beaufays, "Grapheme-to-phoneme conversion using long short-term memory
// recurrent neural networks" (ICASSP 2015), whose combination with an n-gram model is done in the beam
// search of core/text/g2p_model.h. Trained with LibTorch on aligned words; run without it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "trainer/g2p/aligner.h"
#include "trainer/g2p/graphones.h"

namespace m2tts {

struct TaggerOptions {
  int embedding = 64;
  int hidden = 128;  // per direction
  int epochs = 14;
  int batch = 256;  // words, all of one length
  double learning_rate = 2e-3;
  double dropout = 0.25;
  uint64_t seed = 1;
};

struct TaggerProgress {
  int epoch = 0;  // from 1
  int epochs = 0;
  double loss = 0;     // mean cross-entropy per letter, nats, of the epoch
  double seconds = 0;  // since the start
};

// The bytes of the tagger section of a model, see core/text/g2p_format.h: weights in 8 bits with one
// scale per output. `on_epoch` may be empty.
std::string TrainTagger(const GraphoneInventory& graphones, const std::vector<AlignedWord>& words,
                        const TaggerOptions& options,
                        const std::function<void(const TaggerProgress&)>& on_epoch);

}  // namespace m2tts
