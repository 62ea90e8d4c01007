// Shared by the tests of core/text: the lexicon that the build compiled, and tables of cases.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "core/text/arpabet.h"
#include "core/text/char_class.h"
#include "core/text/frontend.h"
#include "core/text/lexicon.h"
#include "core/text/rules.h"

namespace m2tts {

inline std::string BuiltLexiconPath() {
  return std::string(M2TTS_BINARY_DIR) + "/lexicon/en_US.lex";
}

inline const Lexicon& BuiltLexicon() {
  static const auto* const lexicon =
      new std::unique_ptr<const Lexicon>(Lexicon::Open(BuiltLexiconPath()).value());
  return **lexicon;
}

inline const TextFrontend& BuiltFrontend() {
  static const auto* const frontend = new std::unique_ptr<TextFrontend>([] {
    TextFrontendOptions options;
    options.lexicon_path = BuiltLexiconPath();
    return TextFrontend::Create(options).value();
  }());
  return **frontend;
}

inline std::vector<Sentence> ReadAll(const TextFrontend& frontend, const std::string& text,
                                     std::vector<TextWarning>* trailing = nullptr) {
  auto reader = frontend.Read(text).value();
  std::vector<Sentence> sentences;
  while (auto sentence = reader->Next()) sentences.push_back(std::move(*sentence));
  if (trailing != nullptr) *trailing = reader->trailing_warnings();
  return sentences;
}

// "HH AH0 L OW1".
inline std::string Spell(const Pronunciation& pronunciation) {
  std::string out;
  for (const StressedPhoneme phoneme : pronunciation) {
    if (!out.empty()) out += ' ';
    AppendArpabet(phoneme, &out);
  }
  return out;
}

// Words with their pauses as written, as in Sentence::normalized.
inline std::string NormalizedText(const std::vector<SpokenItem>& items) {
  std::string text;
  for (const SpokenItem& item : items) {
    if (item.kind == SpokenItem::Kind::kPause) {
      // As in a sentence: nothing before the first word, one mark between two words.
      if (!text.empty() && (IsAlnumChar(text.back()) || text.back() == '\'')) text += item.text;
      continue;
    }
    if (!text.empty()) text.push_back(' ');
    text += item.text;
  }
  return text;
}

// Lines of "input<TAB>expected" of tests/core/text/cases/NAME.tsv.
inline std::vector<std::pair<std::string, std::string>> LoadCases(const std::string& name) {
  const std::string path = std::string(M2TTS_SOURCE_DIR) + "/tests/core/text/cases/" + name + ".tsv";
  std::ifstream in(path);
  EXPECT_TRUE(in.good()) << path;
  std::vector<std::pair<std::string, std::string>> cases;
  for (std::string line; std::getline(in, line);) {
    const size_t tab = line.find('\t');
    EXPECT_NE(tab, std::string::npos) << path << ": " << line;
    if (tab != std::string::npos) cases.emplace_back(line.substr(0, tab), line.substr(tab + 1));
  }
  EXPECT_FALSE(cases.empty()) << path;
  return cases;
}

}  // namespace m2tts
