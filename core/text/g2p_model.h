// From the spelling of an unknown word to its phonemes, by a model trained on the CMU dictionary.
//
// Each letter sounds as nothing, one or two phonemes. Two models judge such readings: a joint n-gram over
// pairs of letter and sound (Bisani and Ney 2008), and a small convolutional tagger that sees the whole word;
// a beam search finds the reading that both together like best. See docs/g2p.md for training and results.
//
// Immutable after Open; any thread may call it. Work is linear in the length of the word.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "core/base/file.h"
#include "core/base/status.h"
#include "core/text/arpabet.h"
#include "core/text/g2p_format.h"
#include "core/text/g2p_graphones.h"
#include "core/text/g2p_ngram.h"
#include "core/text/g2p_tagger.h"

namespace m2tts {

class G2pModel {
 public:
  enum class Parts { kBoth, kNgram, kTagger };  // one alone is for measurements

  // DATA_LOSS for a file that is not a model, of another version, truncated or damaged in any way; everything
  // is checked, so that Read needs no bounds checks.
  static StatusOr<std::unique_ptr<const G2pModel>> Open(const std::filesystem::path& path);

  // The best reading of `word`: letters a to z and apostrophes; other characters are passed over. Empty when
  // nothing is left of it, or when it reads as silence.
  Pronunciation Read(std::string_view word, Parts parts = Parts::kBoth) const;

 private:
  G2pModel() = default;
  Status Validate(const std::filesystem::path& path);

  // The graphones of one letter are the symbols [first, last).
  struct Range {
    uint32_t first = 0;
    uint32_t last = 0;
  };
  static void Extend(uint32_t symbol, Range* range);

  // For each letter of a word, the log-probability of each of its graphones.
  using TagScores = std::vector<std::vector<float>>;
  TagScores Tag(const std::vector<uint8_t>& letters) const;
  // The best reading without stress: a symbol of plain_ for each letter.
  std::vector<uint32_t> Search(const std::vector<uint8_t>& letters, const TagScores& tags, Parts parts) const;
  // Adds the probabilities of graphones that differ in stress; `*scores` is all zero before.
  void SumOverStress(const std::vector<float>& tag, uint32_t first, uint32_t plain_first,
                     std::vector<float>* scores) const;
  // The same reading with the stress that the tagger likes best, and one primary stress if a vowel can have
  // it.
  std::vector<uint32_t> ChooseStress(const std::vector<uint8_t>& letters, const std::vector<uint32_t>& plain,
                                     const TagScores& tags) const;

  std::shared_ptr<const MappedFile> file_;
  std::vector<Graphone> graphones_;  // by symbol
  PlainAlphabet plain_;
  std::array<Range, g2p_format::kLetterCount> ranges_{};
  std::array<Range, g2p_format::kLetterCount> plain_ranges_{};
  G2pNgram ngram_;
  G2pTagger tagger_;
  float ngram_weight_ = 0;
  float tagger_weight_ = 0;
};

}  // namespace m2tts
