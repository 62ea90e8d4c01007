// The compiled pronunciation dictionary: a read-only hash table in a mapped file.
//
// Made at build time by m2tts-lexicon from voices/lexicon/cmudict.dict and supplement.dict.
// Immutable after Open; any number of threads may look up. See lexicon_format.h for the bytes.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

#include "core/base/file.h"
#include "core/base/status.h"
#include "core/text/arpabet.h"

namespace m2tts {

// The variants of one word, in dictionary order: the first is the default. Points into the
// mapping, so it lives as long as the lexicon.
class LexiconEntry {
 public:
  int variants() const { return variants_; }
  // How surely a compound that begins (ends) with this word sounds like its parts, 0 to 15.
  int compound_first() const { return scores_ >> 4; }
  int compound_last() const { return scores_ & 15; }
  // Appends variant `index` (0 <= index < variants()) to `*out`.
  void Append(int index, Pronunciation* out) const;

 private:
  friend class Lexicon;
  LexiconEntry(const unsigned char* data, int variants, int scores)
      : data_(data), variants_(variants), scores_(scores) {}
  const unsigned char* data_;
  int variants_;
  int scores_;
};

class Lexicon {
 public:
  // DATA_LOSS for a file that is not a lexicon, of another version, truncated or damaged in
  // any way; every entry is checked, so that Find needs no bounds checks.
  static StatusOr<std::unique_ptr<const Lexicon>> Open(const std::filesystem::path& path);

  // `word` in lower case. nullopt when absent.
  std::optional<LexiconEntry> Find(std::string_view word) const;
  bool Contains(std::string_view word) const { return Find(word).has_value(); }
  size_t size() const { return entry_count_; }

 private:
  Lexicon() = default;
  Status Validate(const std::filesystem::path& path);

  std::shared_ptr<const MappedFile> file_;
  const unsigned char* buckets_ = nullptr;  // bucket_count_ little-endian uint32
  const unsigned char* blob_ = nullptr;
  size_t bucket_count_ = 0;  // a power of two, larger than entry_count_
  size_t blob_size_ = 0;
  size_t entry_count_ = 0;
};

}  // namespace m2tts
