#include "client/analysis/print_analysis.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <vector>

#include "client/json.h"
#include "client/terminal.h"
#include "core/base/utf8.h"

namespace m2tts {
namespace {

template <typename Warnings>
void PrintEach(const Warnings& warnings, const std::string& prefix, std::ostream& out) {
  for (const auto& warning : warnings) {
    out << fmt::format("{}warning: bytes {} to {}: {}\n", prefix, warning.range().begin(),
                       warning.range().end(), Harmless(warning.message()));
  }
}

const char* OriginOf(v1::AnalyzedWord::PronunciationSource source) {
  switch (source) {
    case v1::AnalyzedWord::LEXICON:
      return "lexicon";
    case v1::AnalyzedWord::USER_LEXICON:
      return "user";
    case v1::AnalyzedWord::RULE:
      return "rule";
    case v1::AnalyzedWord::MODEL:
      return "model";
    case v1::AnalyzedWord::INLINE:
      return "inline";
    default:
      return "?";
  }
}

// A whole document may stand behind each word of a long substitution.
constexpr size_t kMostWritten = 40;

// The bytes of `range`, or their beginning.
std::string Written(const std::string& text, const v1::TextRange& range) {
  const auto begin = static_cast<size_t>(std::max<int64_t>(range.begin(), 0));
  const auto end = static_cast<size_t>(std::max<int64_t>(range.end(), 0));
  if (begin > end || end > text.size()) return "";
  if (end - begin <= kMostWritten) return text.substr(begin, end - begin);
  const size_t cut = std::max(begin, CutBetweenCharacters(text, begin + kMostWritten));
  return text.substr(begin, cut - begin) + "...";
}

using Cells = std::array<std::string, 6>;

void PrintTable(const std::vector<Cells>& rows, std::ostream& out) {
  std::array<size_t, 6> widths{};
  for (const Cells& row : rows) {
    for (size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], CountCharacters(row[c]));
  }
  for (const Cells& row : rows) {
    std::string line = " ";
    for (size_t c = 0; c < row.size(); ++c) {
      line += " " + row[c];
      if (c + 1 < row.size()) line += std::string(widths[c] - CountCharacters(row[c]) + 1, ' ');
    }
    out << Harmless(line) << "\n";
  }
}

}  // namespace

std::string StageLine(const v1::AnalyzeTextResponse& analysis, AnalysisStage stage) {
  if (stage == AnalysisStage::kFull) {
    return ToJson(analysis).dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  std::string line;
  for (const auto& sentence : analysis.sentences()) {
    if (stage == AnalysisStage::kPhonemes) {
      if (!line.empty() && !sentence.phonemes().empty()) line += " | ";
      line += sentence.phonemes();
      continue;
    }
    for (const auto& word : sentence.words()) {
      if (!line.empty()) line += ' ';
      line += word.text();
    }
  }
  return line;
}

void PrintReport(const v1::AnalyzeTextResponse& analysis, const std::string& text, std::ostream& out) {
  for (const auto& sentence : analysis.sentences()) {
    if (!out.good()) return;  // nobody reads any more
    out << Harmless(sentence.normalized_text()) << "\n";
    std::vector<Cells> rows;
    for (const auto& word : sentence.words()) {
      rows.push_back({fmt::format("{}-{}", word.source().begin(), word.source().end()),
                      Written(text, word.source()), word.token_class(), word.text(),
                      fmt::format("{}", fmt::join(word.phonemes().begin(), word.phonemes().end(), " ")),
                      OriginOf(word.pronunciation())});
    }
    PrintTable(rows, out);
    PrintEach(sentence.warnings(), "  ", out);
  }
  PrintEach(analysis.warnings(), "", out);
}

void PrintWarnings(const v1::AnalyzeTextResponse& analysis, const std::string& prefix, std::ostream& out) {
  for (const auto& sentence : analysis.sentences()) PrintEach(sentence.warnings(), prefix, out);
  PrintEach(analysis.warnings(), prefix, out);
}

}  // namespace m2tts
