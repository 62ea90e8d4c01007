// The graphones (letter and chunk) that occur in aligned words, numbered as the model file wants them.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "core/base/status.h"
#include "trainer/g2p/aligner.h"

namespace m2tts {

class GraphoneInventory {
 public:
  // Numbers from g2p_format::kFirstGraphone on, sorted by letter. INVALID_ARGUMENT when a letter
  // of the alphabet never occurs.
  static StatusOr<GraphoneInventory> Collect(const std::vector<AlignedWord>& words);

  uint16_t IdOf(char letter, g2p_format::Chunk chunk) const;
  // All graphones, the first has id kFirstGraphone.
  const std::vector<std::pair<uint8_t, g2p_format::Chunk>>& list() const { return list_; }
  // Ids in use, the reserved ones included.
  size_t id_count() const { return g2p_format::kFirstGraphone + list_.size(); }
  // kBegin, one id per letter, kEnd.
  std::vector<uint16_t> Sequence(const AlignedWord& word) const;

 private:
  std::map<std::pair<uint8_t, g2p_format::Chunk>, uint16_t> ids_;
  std::vector<std::pair<uint8_t, g2p_format::Chunk>> list_;
};

}  // namespace m2tts
