// Words as their users want them said: a small text file, at server, voice or request level.
//
//   ; a comment
//   GIF       JH IH1 F            ARPAbet, as in the CMU dictionary
//   Grzegorz  /ˈɡʐɛɡɔʂ/           IPA between slashes
//   kubectl = cube control        an alias: said like these words
//   lead(verb) L IY1 D            only where the word stands as a verb (or noun)
//
// The format is documented for users in docs/lexicon.md. Words match in any case.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/status.h"
#include "core/text/arpabet.h"

namespace m2tts {

// How a word stands in its sentence, as far as its neighbours tell.
enum class WordRole : uint8_t { kAny, kNoun, kVerb };

// Immutable after Parse; any thread may read.
class UserLexicon {
 public:
  struct Entry {
    Pronunciation phonemes;          // empty for an alias
    std::vector<std::string> alias;  // lower-case words
    WordRole role = WordRole::kAny;
  };

  // INVALID_ARGUMENT lists every bad line, up to 20, as "NAME:LINE: what is wrong"; nothing of
  // such a text is used. `name` is a file or the field of a request.
  static StatusOr<std::shared_ptr<const UserLexicon>> Parse(std::string_view text, std::string_view name);

  // The entry for `word` (lower case): one for this role before one for any; nullptr when absent.
  const Entry* Find(std::string_view word, WordRole role) const;
  bool Contains(std::string_view word) const;
  size_t size() const { return entries_.size(); }
  // Of the text that it was made of: equal digests read equally.
  const std::string& digest() const { return digest_; }

 private:
  std::unordered_map<std::string, std::vector<Entry>> entries_;
  std::string digest_;
};

// Asked in order: request before voice before server.
using UserLexicons = std::vector<std::shared_ptr<const UserLexicon>>;

}  // namespace m2tts
