// Tokens of one folded sentence: the unit that normalization rules look at.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace m2tts {

enum class TokenKind {
  kWord,    // starts with a letter or an apostrophe: "don't", "U.S.", "well-known", "B-52"
  kNumber,  // starts with a digit: "3.5", "1,000", "5th", "10:30", "555-1234", "7/4/2012"
  kWeb,     // URL or e-mail address, whole
  kSymbol,  // a sign that is spoken, one character: "$", "&", "%", "+"; or an arrow: "->"
  kPause,   // punctuation that is heard: , ; : . ? ! dash, bracket
};

struct Token {
  TokenKind kind;
  std::string_view text;  // into FoldedText::text; a full stop that belongs to an abbreviation included
  size_t begin = 0;       // offset of `text` in FoldedText::text
  bool space_before = false;

  size_t end() const { return begin + text.size(); }
};

// Splits a folded sentence. Linear; the views live as long as `folded`.
std::vector<Token> Tokenize(std::string_view folded);

}  // namespace m2tts
