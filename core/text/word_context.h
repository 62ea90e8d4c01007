// A word among its neighbours: what tells homographs and weak forms apart.
//
// Views into one sentence; they live as long as it. Immutable; any thread may read.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace m2tts {

struct ContextWord {
  std::string_view text;     // lower case; a letter's name too
  bool capitalized = false;  // as written; says nothing at the start of a sentence
  bool pause_after = false;
};

class WordContext {
 public:
  // `words` is the whole sentence and must outlive the context; `index` < words.size().
  WordContext(const std::vector<ContextWord>& words, size_t index) : words_(&words), index_(index) {}

  const ContextWord& word() const { return (*words_)[index_]; }
  bool first() const { return index_ == 0; }
  bool last() const { return index_ + 1 == words_->size(); }

  // The word `offset` places on (negative: back), whatever stands between; empty beyond the edges.
  std::string_view Far(int offset) const {
    const auto at = static_cast<ptrdiff_t>(index_) + offset;
    return at >= 0 && at < static_cast<ptrdiff_t>(words_->size()) ? (*words_)[static_cast<size_t>(at)].text
                                                                  : std::string_view();
  }

  // The same, but empty when a pause stands between. |offset| is small: its cost is linear.
  std::string_view Near(int offset) const {
    const std::string_view text = Far(offset);
    if (text.empty()) return text;
    const size_t from = offset < 0 ? index_ - static_cast<size_t>(-offset) : index_;
    const size_t to = offset < 0 ? index_ : index_ + static_cast<size_t>(offset);
    for (size_t i = from; i < to; ++i) {
      if ((*words_)[i].pause_after) return {};
    }
    return text;
  }

 private:
  const std::vector<ContextWord>* words_;
  size_t index_;
};

}  // namespace m2tts
