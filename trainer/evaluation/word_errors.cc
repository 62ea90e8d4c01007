#include "trainer/evaluation/word_errors.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace m2tts {
namespace {

void AddWord(std::string word, std::vector<std::string>* words) {
  while (!word.empty() && word.back() == '\'') word.pop_back();
  word.erase(0, word.find_first_not_of('\''));
  if (!word.empty()) words->push_back(std::move(word));
}

// Of a word, as NormalizeWords understands it; any byte beyond ASCII is one.
bool IsWordByte(unsigned char c) {
  return std::isalnum(c) != 0 || c == '\'' || c >= 0x80;
}

}  // namespace

std::string WithoutAlternatives(std::string_view text) {
  std::string kept;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool alternative = text[i] == '(' && i + 2 < text.size() && text[i + 2] == ')' &&
                             std::isdigit(static_cast<unsigned char>(text[i + 1])) != 0 && !kept.empty() &&
                             (IsWordByte(static_cast<unsigned char>(kept.back())) || kept.back() == '.');
    if (alternative) {
      i += 2;
    } else {
      kept += text[i];
    }
  }
  return kept;
}

std::vector<std::string> NormalizeWords(std::string_view raw) {
  const std::string text = WithoutAlternatives(raw);
  std::vector<std::string> words;
  std::string word;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (IsWordByte(c)) {
      word += static_cast<char>(std::tolower(c));
    } else if (c != '.' || i + 1 == text.size() || text[i + 1] == ' ') {
      AddWord(std::exchange(word, {}), &words);  // a full stop inside ("u.s.") only vanishes
    }
  }
  AddWord(std::move(word), &words);
  return words;
}

WordErrors& WordErrors::operator+=(const WordErrors& other) {
  substitutions += other.substitutions;
  deletions += other.deletions;
  insertions += other.insertions;
  words += other.words;
  return *this;
}

WordErrors CountWordErrors(const std::vector<std::string>& reference,
                           const std::vector<std::string>& hypothesis) {
  // row[j]: the edits from the first i reference words to the first j hypothesis words.
  std::vector<WordErrors> row(hypothesis.size() + 1);
  for (size_t j = 1; j < row.size(); ++j) row[j].insertions = static_cast<int>(j);
  for (size_t i = 1; i <= reference.size(); ++i) {
    WordErrors diagonal = row[0];
    row[0].deletions = static_cast<int>(i);
    for (size_t j = 1; j < row.size(); ++j) {
      WordErrors replaced = diagonal;
      if (reference[i - 1] != hypothesis[j - 1]) ++replaced.substitutions;
      WordErrors deleted = row[j];
      ++deleted.deletions;
      WordErrors inserted = row[j - 1];
      ++inserted.insertions;
      diagonal = row[j];
      row[j] = std::min({replaced, deleted, inserted},
                        [](const WordErrors& a, const WordErrors& b) { return a.errors() < b.errors(); });
    }
  }
  WordErrors result = row.back();
  result.words = static_cast<int>(reference.size());
  return result;
}

}  // namespace m2tts
