// Reads marked text sentence by sentence: each stretch between boundaries on its own, with its
// prosody, its pause and its marks. Internal to core/text.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "core/text/frontend.h"
#include "core/text/markup/marked_text.h"
#include "core/text/normalizer.h"
#include "core/text/sentence_builder.h"
#include "core/text/sentence_splitter.h"

namespace m2tts {

class MarkedReader : public SentenceReader {
 public:
  // What is pointed to must outlive the reader.
  MarkedReader(MarkedText text, ReadOptions options, const Lexicon* lexicon, const Pronouncer* pronouncer,
               const PhraseModel* phrasing, size_t max_phonemes);

  std::optional<Sentence> Next() override;
  const std::vector<TextWarning>& trailing_warnings() const override { return pending_; }

 private:
  // A stretch of text and what follows it.
  struct Stretch {
    TextRange range;  // of the marked text
    Prosody prosody;
    std::optional<double> pause;
    bool ends_paragraph = false;
    bool mid_sentence = false;
  };
  void FindStretches();
  void Join(const MarkupBoundary& boundary);
  bool NextStretch();
  void Read(const RawSentence& raw);
  void PlaceMarks(Sentence* sentence, bool all);

  const MarkedText text_;
  const ReadOptions options_;
  const NormalizerContext context_;
  const Pronouncer* const pronouncer_;
  const PhraseModel* const phrasing_;
  const size_t max_phonemes_;
  size_t first_phonemes_ = kFirstPartPhonemes;  // until the first sentence
  std::string skeleton_;                        // the text with its spans blotted out, for the splitter
  std::vector<Stretch> stretches_;
  std::optional<double> pause_before_;  // of the next sentence
  size_t stretch_ = 0;                  // the one after the current
  size_t splitter_base_ = 0;
  std::optional<SentenceSplitter> splitter_;
  size_t mark_ = 0;  // the next to place
  std::deque<Sentence> ready_;
  std::vector<TextWarning> pending_;
};

}  // namespace m2tts
