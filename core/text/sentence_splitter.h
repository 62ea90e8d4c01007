// Cuts raw text into sentences, one at a time, looking only a bounded way ahead.
//
// Belongs to one reader and one thread. Nothing fails: any bytes of valid UTF-8 will do.
#pragma once

#include <optional>
#include <string_view>

#include "core/text/sentence.h"

namespace m2tts {

struct RawSentence {
  TextRange range;              // without the white space around it
  bool ends_paragraph = false;  // a blank line, or the end of the text, follows
  bool forced = false;          // cut because it was over kMaxRawSentenceBytes
};

// Longer stretches without a sentence end are cut after a clause, or failing that at white space, or
// anywhere between characters, so that the work per sentence is bounded, and with it the time to first audio.
inline constexpr size_t kMaxRawSentenceBytes = 640;

class SentenceSplitter {
 public:
  // Without `short_lines` white space means nothing but a paragraph or a list, as in SSML that is indented.
  explicit SentenceSplitter(std::string_view text, bool short_lines = true)
      : text_(text), short_lines_(short_lines) {}
  std::optional<RawSentence> Next();

 private:
  RawSentence Cut(size_t begin, size_t end, bool ends_paragraph, bool forced);

  std::string_view text_;
  bool short_lines_;
  size_t at_ = 0;
};

}  // namespace m2tts
