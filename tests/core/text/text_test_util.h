// Shared by the tests of core/text: the lexicon that the build compiled, and tables of cases.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "core/text/frontend.h"
#include "core/text/lexicon.h"

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
