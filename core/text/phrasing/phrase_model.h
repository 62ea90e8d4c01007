// Where a reader pauses though nothing is written there: after "the only sense | with which we are
// concerned".
//
// Words get their parts of speech (tag_search.h), and these decide where phrases end (break_search.h).
// Trained by `m2tts-trainer phrasing train` on sentences with both; docs/phrasing.md has method and results.
//
// Immutable after Open; any thread may call it. Work is linear in the number of words.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/file.h"
#include "core/base/status.h"
#include "core/text/phrasing/break_search.h"
#include "core/text/phrasing/tag_search.h"

namespace m2tts {

struct PhraseWord {
  std::string_view text;  // lower case
  bool pause_after = false;
};

// A sentence as the model sees it: "the cat's" is three tokens, a pause and the end are one without text.
struct PhraseTokens {
  std::vector<std::string_view> text;
  std::vector<size_t> last_of_word;  // index into `text`, for each word
};
PhraseTokens TokenizeForPhrasing(const std::vector<PhraseWord>& words);

// What is known of the places after tokens before any score: a break at each pause, none before one or inside
// a word.
std::vector<Juncture> GivenJunctures(const std::vector<std::string_view>& tokens);

class PhraseModel {
 public:
  // DATA_LOSS for a file that is not a model, of another version, truncated or damaged in any way; everything
  // is checked, so that the search needs no bounds checks.
  static StatusOr<std::unique_ptr<const PhraseModel>> Open(const std::filesystem::path& path);
  // The same for bytes in memory; `source` stands in messages.
  static StatusOr<std::unique_ptr<const PhraseModel>> Parse(std::string bytes, const std::string& source);

  // Whether a phrase ends after each word. True at pauses and for the last word.
  std::vector<bool> Breaks(const std::vector<PhraseWord>& words) const;

  // The same for the places after tokens.
  std::vector<bool> BreaksBetween(const std::vector<std::string_view>& tokens) const;

  // A tag for each token, and what it is called ("nn").
  std::vector<uint8_t> Tag(const std::vector<std::string_view>& tokens) const;
  std::string_view TagName(uint8_t tag) const;
  uint8_t ClassOf(uint8_t tag) const { return classes_[tag]; }
  uint8_t PauseClass() const { return classes_[pause_.tag]; }
  size_t class_count() const { return class_count_; }

 private:
  PhraseModel() = default;
  Status Validate(std::string_view bytes, const std::string& source);
  bool EntriesAreSound(size_t size) const;

  struct Entry {
    std::string_view key;
    TagCandidates candidates;
  };
  Entry EntryAt(size_t index) const;
  TagCandidates Find(std::string_view key) const;  // empty when absent
  TagCandidates CandidatesFor(std::string_view token) const;

  std::shared_ptr<const MappedFile> file_;
  std::string bytes_;  // when parsed from memory
  size_t tag_count_ = 0;
  size_t class_count_ = 0;
  const unsigned char* names_ = nullptr;
  const unsigned char* classes_ = nullptr;
  const unsigned char* transitions_ = nullptr;
  TagCandidate pause_{};
  size_t entry_count_ = 0;  // ascending keys
  const unsigned char* offsets_ = nullptr;
  const unsigned char* entries_ = nullptr;
  std::vector<float> break_scores_;
  HistoryScores history_{};
};

}  // namespace m2tts
