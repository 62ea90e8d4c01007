// Spelling to phonemes for words that no dictionary has: a joint n-gram model over graphones.
//
// A graphone is a letter together with the zero to two phonemes it sounds as; a word is a
// sequence of them. Beam search finds the sequence that an n-gram model with back-off and a
// neural tagger of letters like best together.
// Method: Bisani and Ney, "Joint-sequence models for grapheme-to-phoneme conversion", Speech
// Communication 50 (2008); smoothing: Chen and Goodman, "An empirical study of smoothing
// techniques for language modeling" (1998). Trained by `m2tts-trainer g2p`, see docs/g2p.md.
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "core/base/file.h"
#include "core/base/status.h"
#include "core/text/arpabet.h"
#include "core/text/g2p_format.h"
#include "core/text/g2p_tagger.h"

namespace m2tts {

// Immutable after Open; any number of threads may call Guess.
class G2pModel {
 public:
  // DATA_LOSS for a file that is no model, of another version, truncated or damaged: every
  // index is checked here, so that Guess needs no bounds checks.
  static StatusOr<std::unique_ptr<const G2pModel>> Open(const std::filesystem::path& path);
  // The same from memory; `bytes` must outlive the model. `name` is for messages.
  static StatusOr<std::unique_ptr<const G2pModel>> FromBytes(std::string_view bytes, std::string_view name);

  // The likeliest pronunciation of `word` (lower case; what is not a letter or apostrophe is
  // passed over). Empty when there is no letter. Time is linear in the length.
  Pronunciation Guess(std::string_view word) const;

  int order() const { return order_; }
  size_t size_bytes() const { return size_bytes_; }

 private:
  struct Level {
    const unsigned char* graphones = nullptr;  // u16 each
    const unsigned char* probabilities = nullptr;
    const unsigned char* backoffs = nullptr;
    const unsigned char* children = nullptr;  // u32 each, one more than entries
    size_t size = 0;
  };
  struct Hypothesis;

  G2pModel() = default;
  Status Validate(std::string_view bytes, std::string_view name);
  void Extend(const Hypothesis& from, uint16_t first, uint16_t last, const std::vector<float>* tagger_costs,
              std::vector<Hypothesis>* to, float worst) const;

  std::shared_ptr<const MappedFile> file_;
  int order_ = 0;
  size_t size_bytes_ = 0;
  std::vector<g2p_format::Chunk> chunks_;  // by graphone
  // Graphones of letter L: [letter_begin_[L], letter_begin_[L + 1]).
  std::array<uint16_t, g2p_format::kLetterCount + 1> letter_begin_{};
  std::array<Level, g2p_format::kMaxOrder> levels_;
  std::unique_ptr<G2pTagger> tagger_;
  float ngram_weight_ = 1;
  float tagger_weight_ = 0;
};

}  // namespace m2tts
