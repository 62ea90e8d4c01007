// Word error rate: how many words a recognizer understands otherwise than they were written.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace m2tts {

// Words for comparison: lower case, punctuation removed, hyphens and dashes split, apostrophes
// kept inside words only ("don't"), the "(2)" of a recognizer's second pronunciation dropped.
// Reference and hypothesis both pass through here. Bytes outside ASCII stay as they are.
std::vector<std::string> NormalizeWords(std::string_view raw);

// Without the "(2)" that a recognizer puts behind a word whose second pronunciation it has heard.
std::string WithoutAlternatives(std::string_view text);

struct WordErrors {
  int substitutions = 0;
  int deletions = 0;
  int insertions = 0;
  int words = 0;  // of the reference

  int errors() const { return substitutions + deletions + insertions; }
  // Errors per reference word, may exceed 1; 0 when there are no words.
  double rate() const { return words > 0 ? static_cast<double>(errors()) / words : 0.0; }
  WordErrors& operator+=(const WordErrors& other);
};

// The fewest edits from `reference` to `hypothesis` (Levenshtein 1966, all edits cost 1); of
// equally short ways the one with the most substitutions.
WordErrors CountWordErrors(const std::vector<std::string>& reference,
                           const std::vector<std::string>& hypothesis);

}  // namespace m2tts
