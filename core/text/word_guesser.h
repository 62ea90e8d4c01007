// Guesses how an unknown word is said: the last resort of the front end.
//
// Around the G2P model: what the model cannot read is spelled, the stress is made sound, and recent
// guesses are remembered. A guess depends on the word alone, never on what the memory holds.
//
// Any thread may call Guess. The memory is a table of fixed size in parts with a lock each, held only
// while one entry is copied, never while the model works.
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "core/base/mutex.h"
#include "core/text/g2p_model.h"

namespace m2tts {

class WordGuesser {
 public:
  // Opens the model; fails as G2pModel::Open does.
  static StatusOr<std::unique_ptr<const WordGuesser>> Open(const std::filesystem::path& model);

  // `word`: lower case. Hyphens, digits and other characters cut it into parts, each read for itself;
  // apostrophes within a part belong to it ("o'brien"). A part without a vowel letter is spelled. Never empty
  // when there is a letter; has exactly one vowel with primary stress for each part that is not spelled.
  Pronunciation Guess(std::string_view word) const;

 private:
  // A remembered guess; one cache line.
  struct Entry {
    static constexpr size_t kMaxLength = 31;
    uint8_t letters = 0;  // 0: empty
    uint8_t phonemes = 0;
    std::array<char, kMaxLength> word{};
    std::array<uint8_t, kMaxLength> bytes{};
  };
  static constexpr size_t kShards = 16;
  static constexpr size_t kEntriesPerShard = 128;
  struct Shard {
    mutable Mutex mutex;
    std::array<Entry, kEntriesPerShard> entries ABSL_GUARDED_BY(mutex);
  };

  explicit WordGuesser(std::unique_ptr<const G2pModel> model);

  Pronunciation GuessPart(std::string_view part) const;
  Pronunciation ReadByModel(std::string_view part) const;

  std::unique_ptr<const G2pModel> model_;
  std::unique_ptr<std::array<Shard, kShards>> memory_;
};

}  // namespace m2tts
