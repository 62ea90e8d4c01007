// Training of the tagger: for every letter, which graphone it is, given the whole word.
//
// A residual network over the letters (see core/text/g2p_tagger.h), trained by Adam to the cross-entropy over
// the graphones of each letter. Written out by hand, without LibTorch: it is five loops and a matrix product,
// runs on one core in minutes, and the same seed gives the same bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "trainer/g2p/graphones.h"

namespace m2tts {

struct TaggerOptions {
  size_t width = 96;  // channels; a multiple of 16
  std::vector<int> dilations = {1, 2, 4, 1, 2, 4};
  uint32_t hashed_rows = 8192;
  int epochs = 26;
  size_t batch_words = 256;
  float learning_rate = 3e-3F;
  float feature_dropout = 0.5F;  // of the hashed rows
  float dropout = 0.1F;          // of what each block reads
  uint64_t seed = 1;
};

struct TaggerWeights {
  size_t width = 0;
  std::vector<int> dilations;
  uint32_t hashed_rows = 0;
  std::vector<float> rows;         // [kLetterRows + hashed_rows][width]
  std::vector<float> convolution;  // [blocks][3][width in][width out]
  std::vector<float> bias;         // [blocks][width]
  std::vector<float> output;       // [graphones][width]
  std::vector<float> output_bias;  // [graphones]
};

// `progress` (may be empty) hears the mean loss of each epoch.
TaggerWeights TrainTagger(const GraphoneCorpus& corpus, const TaggerOptions& options,
                          const std::function<void(int epoch, double loss)>& progress);

}  // namespace m2tts
